package controlplane

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"strconv"
	"syscall"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
)

// Compact makes the cluster forget every revision but the current one, and prints that. The API server is killed for it
// and started again, for it answers old watches from memory; Compact returns when it is ready.
func Compact(args []string) (int, error) {
	flags := flag.NewFlagSet("compact", flag.ContinueOnError)
	dir := flags.String("dir", "", "the cluster's directory")
	if err := flags.Parse(args); err != nil {
		return 2, err
	}
	if *dir == "" {
		return 2, errors.New("--dir is missing")
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	address, err := os.ReadFile(layout(*dir).etcdAddress())
	if err != nil {
		return 1, err
	}
	revision, err := compactEtcd(ctx, string(address))
	if err != nil {
		return 1, err
	}
	fmt.Println(revision)
	if err := restartAPIServer(ctx, layout(*dir)); err != nil {
		return 1, err
	}
	return 0, nil
}

func compactEtcd(ctx context.Context, address string) (int64, error) {
	client, err := clientv3.New(clientv3.Config{Endpoints: []string{address}, Context: ctx})
	if err != nil {
		return 0, err
	}
	defer client.Close()
	answer, err := client.Get(ctx, "any") // each answer names the current revision
	if err != nil {
		return 0, err
	}
	_, err = client.Compact(ctx, answer.Header.Revision, clientv3.WithCompactPhysical())
	return answer.Header.Revision, err
}

// restartAPIServer returns when another process is ready in its place.
func restartAPIServer(ctx context.Context, l layout) error {
	killed, err := readPid(l.pid("apiserver"))
	if err != nil {
		return err
	}
	if err := syscall.Kill(killed, syscall.SIGKILL); err != nil {
		return err
	}
	err = poll(ctx, 10*time.Second, "a new API server", func() bool {
		pid, err := readPid(l.pid("apiserver"))
		return err == nil && pid != killed
	})
	if err != nil {
		return err
	}
	return waitReady(ctx, l, 30*time.Second)
}

func readPid(path string) (int, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(string(content))
}
