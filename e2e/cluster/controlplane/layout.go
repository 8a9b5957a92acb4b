package controlplane

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
)

// layout names the files of one cluster's directory.
type layout string

func (l layout) path(parts ...string) string {
	return filepath.Join(append([]string{string(l)}, parts...)...)
}

func (l layout) kubeconfig(user string) string { return l.path(user + ".kubeconfig") }
func (l layout) pki(file string) string        { return l.path("pki", file) }
func (l layout) pid(component string) string   { return l.path("pids", component) }
func (l layout) agentReady() string            { return l.path("agent-ready") }
func (l layout) etcdAddress() string           { return l.path("etcd-address") }

// create empties the directory and names the executable in it, so that a test finds the subcommands.
func (l layout) create() error {
	if err := os.RemoveAll(string(l)); err != nil {
		return err
	}
	for _, dir := range []string{"pki", "logs/pods", "pids", "etcd", "pods", "silent"} {
		if err := os.MkdirAll(l.path(dir), 0o700); err != nil {
			return err
		}
	}
	executable, err := os.Executable()
	if err != nil {
		return err
	}
	return os.Symlink(executable, l.path("cluster"))
}

// users are those for whom a kubeconfig is written.
var users = map[string]identity{
	"admin":              {user: "admin", groups: []string{"system:masters"}},
	"controller-manager": {user: "system:kube-controller-manager"},
	"scheduler":          {user: "system:kube-scheduler"},
}

// writeCredentials writes every certificate, key and kubeconfig; the server is to be found at the addresses.
func (l layout) writeCredentials(server string, addresses ...net.IP) error {
	ca, err := newAuthority(l.path("pki"))
	if err != nil {
		return err
	}
	names := []string{"localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc"}
	if err := ca.issue("apiserver", identity{user: "kube-apiserver", names: names, addresses: addresses}); err != nil {
		return err
	}
	if _, err := newKey(l.pki("service-accounts.key")); err != nil {
		return err
	}
	for name, who := range users {
		if err := ca.issue(name, who); err != nil {
			return err
		}
		if err := l.writeKubeconfig(name, server); err != nil {
			return err
		}
	}
	return nil
}

func (l layout) writeKubeconfig(user, server string) error {
	content := fmt.Sprintf(`apiVersion: v1
kind: Config
current-context: cluster
clusters: [{name: cluster, cluster: {server: %q, certificate-authority: %q}}]
users: [{name: %q, user: {client-certificate: %q, client-key: %q}}]
contexts: [{name: cluster, context: {cluster: cluster, user: %[3]q}}]
`, server, l.pki("ca.crt"), user, l.pki(user+".crt"), l.pki(user+".key"))
	return os.WriteFile(l.kubeconfig(user), []byte(content), 0o600)
}
