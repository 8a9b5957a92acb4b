// Package agent stands in for the kubelets of several nodes. A pod's command runs as a plain process in namespaces of
// its own, joined to the others by a bridge; its status, probes, termination and deletion follow the kubelet's.
package agent

import (
	"context"
	"errors"
	"flag"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"

	"evenkeel.test/cluster/files"
)

type agent struct {
	options
	client  kubernetes.Interface
	nodes   map[string]*node
	pods    cache.Store // those that have a node, as the API server says
	mu      sync.Mutex
	workers map[types.UID]*worker
	running sync.WaitGroup
}

type options struct {
	dir           string // the cluster's
	gateway       string // the bridge's address, by which pods reach the API server
	apiserverPort string
	kubeconfig    string
	nodeList      string
	readyFile     string
}

// Run stands in for the kubelets until it is told to stop; then every pod's process is killed.
func Run(args []string) (int, error) {
	o, err := parse(args)
	if err != nil {
		return 2, err
	}
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer cancel()
	a, err := newAgent(o)
	if err != nil {
		return 1, err
	}
	a.killLeftovers()
	if err := makeBridge(a.gateway); err != nil {
		return 1, err
	}
	defer removeBridge()
	defer a.running.Wait()
	if err := a.begin(ctx); err != nil {
		cancel()
		return 1, err
	}
	<-ctx.Done()
	return 0, nil
}

func parse(args []string) (options, error) {
	var o options
	flags := flag.NewFlagSet("agent", flag.ContinueOnError)
	flags.StringVar(&o.dir, "dir", "", "the cluster's directory")
	flags.StringVar(&o.kubeconfig, "kubeconfig", "", "credentials that may do everything")
	flags.StringVar(&o.nodeList, "nodes", "", "name=zone,...")
	flags.StringVar(&o.gateway, "gateway", "10.244.0.1", "the bridge's address; pods are 10.244.N.x, N counting the nodes")
	flags.StringVar(&o.apiserverPort, "apiserver-port", "6443", "the API server's port at the gateway's address")
	flags.StringVar(&o.readyFile, "ready-file", "", "written when pods can be created")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if o.dir == "" || o.nodeList == "" {
		return o, errors.New("--dir or --nodes is missing")
	}
	return o, nil
}

func newAgent(o options) (*agent, error) {
	config, err := clientcmd.BuildConfigFromFlags("", o.kubeconfig)
	if err != nil {
		return nil, err
	}
	config.QPS, config.Burst = 500, 1000
	config.ContentType = "application/vnd.kubernetes.protobuf"
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	return &agent{options: o, client: client, nodes: parseNodes(o.nodeList), workers: map[types.UID]*worker{}}, nil
}

func (a *agent) begin(ctx context.Context) error {
	for _, n := range a.nodes {
		if err := a.register(ctx, n); err != nil {
			return err
		}
	}
	if err := a.keepAddresses(ctx); err != nil {
		return err
	}
	if err := a.watchPods(ctx); err != nil {
		return err
	}
	for _, n := range a.nodes {
		go a.heartbeat(ctx, n)
	}
	if err := a.waitForControllers(ctx); err != nil {
		complain("not ready: %v", err) // no reason to end: a test may keep a node from being ready
		return nil
	}
	return files.Write(a.readyFile, nil)
}

// sync starts a worker for a new pod, and tells the worker of a pod that is to go.
func (a *agent) sync(ctx context.Context, pod *corev1.Pod) {
	n := a.nodes[pod.Spec.NodeName]
	if n == nil || a.isSilent(n) {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	w := a.workers[pod.UID]
	switch {
	case w == nil && pod.DeletionTimestamp != nil:
		go a.remove(ctx, pod)
	case w == nil && !isFinished(pod):
		a.startWorker(ctx, pod, n)
	case w != nil && pod.DeletionTimestamp != nil:
		w.terminate(pod)
	}
}

func isFinished(pod *corev1.Pod) bool {
	return pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed
}

func (a *agent) startWorker(ctx context.Context, pod *corev1.Pod, n *node) {
	ctx, kill := context.WithCancel(ctx)
	w := newWorker(a, pod, n, kill)
	a.workers[pod.UID] = w
	a.running.Go(func() {
		w.run(ctx)
		kill()
		a.mu.Lock()
		defer a.mu.Unlock()
		delete(a.workers, pod.UID)
		n.release(w.ip)
	})
}

// gone kills what is left of a pod whose object no longer exists.
func (a *agent) gone(pod *corev1.Pod) {
	n := a.nodes[pod.Spec.NodeName]
	if n == nil || a.isSilent(n) {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if w := a.workers[pod.UID]; w != nil {
		w.kill()
	}
}

// catchUp does what a node has missed while it was silent, and says again what nobody believed of it.
func (a *agent) catchUp(ctx context.Context, n *node) {
	wanted := map[types.UID]bool{}
	for _, object := range a.pods.List() {
		if pod := object.(*corev1.Pod); pod.Spec.NodeName == n.name {
			wanted[pod.UID] = true
			a.sync(ctx, pod)
		}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for uid, w := range a.workers {
		if w.node == n && !wanted[uid] {
			w.kill()
		} else if w.node == n {
			w.report()
		}
	}
}

func (a *agent) podPath(dir string, pod *corev1.Pod, extension string) string {
	return filepath.Join(a.dir, dir, pod.Namespace+"_"+pod.Name+extension)
}
