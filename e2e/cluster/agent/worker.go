package agent

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"sync"
	"syscall"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// worker is what a kubelet does for one pod.
type worker struct {
	agent       *agent
	pod         *corev1.Pod
	container   corev1.Container // the first; more than one is not supported
	node        *node
	ip          string
	kill        context.CancelFunc // the object is gone
	terminating chan struct{}      // closed when the pod is to go, within grace
	grace       time.Duration
	began       metav1.Time
	changed     chan struct{} // there is something to report
	mu          sync.Mutex
	state       state
}

// newWorker takes an address; it is called with the agent's lock.
func newWorker(a *agent, pod *corev1.Pod, n *node, kill context.CancelFunc) *worker {
	address := pod.Status.PodIP // it had one before the agent died
	if address == "" {
		address = n.addresses.take()
	}
	return &worker{
		agent: a, pod: pod, container: pod.Spec.Containers[0], node: n, ip: address, kill: kill, began: metav1.Now(),
		terminating: make(chan struct{}), changed: make(chan struct{}, 1),
	}
}

// terminate is called with the agent's lock. A shorter grace period given later is not heeded.
func (w *worker) terminate(pod *corev1.Pod) {
	select {
	case <-w.terminating:
		return
	default:
	}
	if seconds := pod.DeletionGracePeriodSeconds; seconds != nil {
		w.grace = time.Duration(*seconds) * time.Second
	}
	close(w.terminating)
}

// run lives as long as the pod. Its thread is never unlocked, hence ends with it: the pod's processes start from this
// thread, share its namespaces, and are killed with it should the whole agent be.
func (w *worker) run(ctx context.Context) {
	runtime.LockOSThread()
	defer os.RemoveAll(w.volumesDir())
	if err := w.prepare(ctx); err != nil {
		complain("pod %s/%s: %v", w.pod.Namespace, w.pod.Name, err)
		w.awaitEnd(ctx)
		return
	}
	stopReporting := w.startReporting(ctx)
	for w.live(ctx) && !w.isDone() && w.backOff(ctx) {
	}
	stopReporting()
	if ctx.Err() != nil {
		return
	}
	w.change(func(s *state) { s.phase = finalPhase(s.ended) })
	w.reportNow(ctx)
	w.awaitEnd(ctx)
}

// prepare makes the pod's volumes and moves this thread into its namespaces.
func (w *worker) prepare(ctx context.Context) error {
	volumes, err := w.makeVolumes(ctx)
	if err != nil {
		return err
	}
	if err := joinNetwork(w.ip, w.agent.gateway, vethName(w.ip)); err != nil {
		return err
	}
	if err := syscall.Unshare(syscall.CLONE_NEWUTS | syscall.CLONE_NEWNS); err != nil {
		return fmt.Errorf("unshare: %w", err)
	}
	if err := syscall.Sethostname([]byte(w.pod.Name)); err != nil {
		return fmt.Errorf("hostname: %w", err)
	}
	return mountVolumes(volumes)
}

// awaitEnd lets the object go once it may.
func (w *worker) awaitEnd(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-w.terminating:
		w.agent.remove(ctx, w.pod)
	}
}

// live runs the container once and tells whether it has ended of itself.
func (w *worker) live(ctx context.Context) bool {
	p, err := w.start(ctx)
	if err != nil {
		complain("pod %s/%s: %v", w.pod.Namespace, w.pod.Name, err)
		w.change(func(s *state) { s.ended = cannotRun(err) })
		return true
	}
	go w.probeReadiness(p)
	select {
	case <-p.exited:
		return true
	case <-ctx.Done():
		p.kill()
		return false
	case <-w.terminating:
		w.shutDown(ctx, p)
		return false
	}
}

// isDone follows the restart policy.
func (w *worker) isDone() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch w.pod.Spec.RestartPolicy {
	case corev1.RestartPolicyNever:
		return true
	case corev1.RestartPolicyOnFailure:
		return w.state.ended.ExitCode == 0
	default:
		return false
	}
}

// backOff tells whether to start the container again, once the time for that has come.
func (w *worker) backOff(ctx context.Context) bool {
	var restarts int32
	w.change(func(s *state) {
		restarts = s.restarts
		s.restarts++
		s.previous = s.ended
	})
	select {
	case <-ctx.Done():
		return false
	case <-w.terminating:
		return false
	case <-time.After(backOffTime(restarts)):
		return true
	}
}

// backOffTime is shorter than a kubelet's, for tests wait for it.
func backOffTime(restarts int32) time.Duration {
	return min(time.Second<<min(restarts, 10), 10*time.Second)
}

// complain writes to the agent's log.
func complain(format string, values ...any) {
	fmt.Fprintf(os.Stderr, time.Now().Format("15:04:05.000 ")+format+"\n", values...)
}
