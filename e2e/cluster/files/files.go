// Package files writes the files by which the parts of the cluster, and the tests, tell each other of themselves.
package files

import (
	"os"
	"path/filepath"
)

// Write replaces the file as a whole: a reader sees the old content or the new, never a part.
func Write(path string, content []byte) error {
	fresh := filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".new")
	if err := os.WriteFile(fresh, content, 0o644); err != nil {
		return err
	}
	return os.Rename(fresh, path)
}
