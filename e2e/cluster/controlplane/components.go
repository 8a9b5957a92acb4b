package controlplane

import (
	"context"
	"net"
	"strings"
	"time"

	"evenkeel.test/cluster/files"
)

// gateway is the address of the bridge that joins the pods: they reach the API server and the test's command by it.
const gateway = "10.244.0.1"

// controllers are those that a test of Services and their endpoints needs; each one left out saves start-up and noise.
var controllers = strings.Join([]string{
	"endpointslice-controller", "endpointslice-mirroring-controller", "endpoints-controller",
	"deployment-controller", "replicaset-controller", "statefulset-controller", "namespace-controller",
	"serviceaccount-controller", "root-ca-certificate-publisher-controller", "garbage-collector-controller",
	"pod-garbage-collector-controller", "node-lifecycle-controller", "disruption-controller", "taint-eviction-controller",
}, ",")

// startComponents returns when pods can be created and scheduled.
func startComponents(ctx context.Context, o options, s *supervisor) error {
	if err := s.layout.writeCredentials("https://"+o.listen, net.IPv4(127, 0, 0, 1), net.ParseIP(gateway)); err != nil {
		return err
	}
	if err := files.Write(s.layout.etcdAddress(), []byte(o.etcd)); err != nil {
		return err
	}
	s.start("etcd", "--data-dir="+s.layout.path("etcd"), "--listen="+o.etcd)
	if err := waitListening(ctx, o.etcd, 30*time.Second); err != nil {
		return err
	}
	s.start("apiserver", apiserverFlags(o, s.layout)...)
	if err := waitReady(ctx, s.layout, 90*time.Second); err != nil {
		return err
	}
	s.start("controller-manager", controllerManagerFlags(s.layout)...)
	s.start("scheduler", "--v=1", "--kubeconfig="+s.layout.kubeconfig("scheduler"),
		"--leader-elect=false", "--secure-port=0", "--profiling=false")
	s.start("agent", "--kubeconfig="+s.layout.kubeconfig("admin"), "--dir="+string(s.layout), "--nodes="+o.nodes,
		"--gateway="+gateway, "--apiserver-port="+o.port, "--ready-file="+s.layout.agentReady())
	return waitFile(ctx, s.layout.agentReady(), 60*time.Second)
}

func apiserverFlags(o options, l layout) []string {
	return []string{
		"--v=1", "--profiling=false",
		"--etcd-servers=http://" + o.etcd,
		// Every address, for the pods as well. It is the gateway that is advertised, for a loopback address is refused,
		// and the reconciler is off, for that address does not exist before the agent has made the bridge.
		"--bind-address=0.0.0.0", "--secure-port=" + o.port, "--advertise-address=" + gateway, "--endpoint-reconciler-type=none",
		"--tls-cert-file=" + l.pki("apiserver.crt"), "--tls-private-key-file=" + l.pki("apiserver.key"),
		"--client-ca-file=" + l.pki("ca.crt"), "--authorization-mode=RBAC", "--allow-privileged=true",
		"--service-account-issuer=https://kubernetes.default.svc",
		"--service-account-key-file=" + l.pki("service-accounts.key"),
		"--service-account-signing-key-file=" + l.pki("service-accounts.key"),
		"--service-cluster-ip-range=10.96.0.0/16",
		"--enable-priority-and-fairness=false", "--shutdown-delay-duration=0s",
	}
}

func controllerManagerFlags(l layout) []string {
	return []string{
		"--v=1", "--profiling=false", "--secure-port=0", "--leader-elect=false",
		"--kubeconfig=" + l.kubeconfig("controller-manager"),
		"--controllers=" + controllers,
		// Without credentials of their own the controllers lack most of their permissions.
		"--use-service-account-credentials=true",
		"--service-account-private-key-file=" + l.pki("service-accounts.key"), "--root-ca-file=" + l.pki("ca.crt"),
		"--node-monitor-grace-period=20s", // 50 s by default: longer than a test should wait
		"--kube-api-qps=200", "--kube-api-burst=400",
	}
}
