package agent

import (
	"context"
	"encoding/json"
	"os"
	"syscall"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// state is what the status of a pod is made of.
type state struct {
	running, ready  bool
	readyChanged    metav1.Time
	started         metav1.Time
	ended, previous *corev1.ContainerStateTerminated // the last run, when it has ended, and the one before
	restarts        int32
	phase           corev1.PodPhase // set once the pod has ended
}

// change applies one step and has it reported.
func (w *worker) change(step func(*state)) {
	w.mu.Lock()
	wasReady := w.state.ready
	step(&w.state)
	if w.state.ready != wasReady {
		w.state.readyChanged = metav1.Now()
	}
	w.mu.Unlock()
	w.report()
}

func (w *worker) setReady(ready bool) {
	w.mu.Lock()
	same := w.state.ready == ready
	w.mu.Unlock()
	if !same {
		w.change(func(s *state) { s.ready = ready && s.running })
	}
}

// report never waits: an API server that does not answer must not keep the pod from living.
func (w *worker) report() {
	select {
	case w.changed <- struct{}{}:
	default: // a report is due already and will say this, too
	}
}

// startReporting returns the function that ends it; no report is under way after that.
func (w *worker) startReporting(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-ctx.Done():
				return
			case <-w.changed:
				w.reportNow(ctx)
			}
		}
	}()
	return func() { cancel(); <-done }
}

// reportNow returns when the API server has the state as it then is.
func (w *worker) reportNow(ctx context.Context) {
	w.agent.awaitVoice(ctx, w.node)
	untilAccepted(ctx, func() error {
		w.mu.Lock()
		status := podStatus(w.state, w.container)
		w.mu.Unlock()
		status.HostIP, status.HostIPs = w.node.hostIP(), []corev1.HostIP{{IP: w.node.hostIP()}}
		status.PodIP, status.PodIPs = w.ip, []corev1.PodIP{{IP: w.ip}}
		status.StartTime = &w.began
		patch, err := json.Marshal(map[string]any{"metadata": map[string]any{"uid": w.pod.UID}, "status": status})
		if err != nil {
			return err
		}
		pods := w.agent.client.CoreV1().Pods(w.pod.Namespace)
		_, err = pods.Patch(ctx, w.pod.Name, types.StrategicMergePatchType, patch, metav1.PatchOptions{}, "status")
		return err
	})
}

func podStatus(s state, container corev1.Container) corev1.PodStatus {
	always := func(kind corev1.PodConditionType) corev1.PodCondition {
		return corev1.PodCondition{Type: kind, Status: corev1.ConditionTrue}
	}
	ifReady := func(kind corev1.PodConditionType) corev1.PodCondition {
		status := corev1.ConditionFalse
		if s.ready {
			status = corev1.ConditionTrue
		}
		return corev1.PodCondition{Type: kind, Status: status, LastTransitionTime: s.readyChanged}
	}
	phase := s.phase
	if phase == "" {
		phase = corev1.PodRunning
	}
	return corev1.PodStatus{
		Phase: phase,
		Conditions: []corev1.PodCondition{
			always(corev1.PodScheduled), always(corev1.PodInitialized),
			ifReady(corev1.ContainersReady), ifReady(corev1.PodReady),
		},
		ContainerStatuses: []corev1.ContainerStatus{containerStatus(s, container)},
	}
}

func containerStatus(s state, container corev1.Container) corev1.ContainerStatus {
	status := corev1.ContainerStatus{
		Name: container.Name, Image: container.Image, ImageID: "none",
		Ready: s.ready, Started: &s.running, RestartCount: s.restarts,
	}
	status.LastTerminationState.Terminated = s.previous
	switch {
	case s.running:
		status.State.Running = &corev1.ContainerStateRunning{StartedAt: s.started}
	case s.phase == "":
		status.State.Waiting = &corev1.ContainerStateWaiting{Reason: "CrashLoopBackOff"}
	default:
		status.State.Terminated = s.ended
	}
	return status
}

func finalPhase(ended *corev1.ContainerStateTerminated) corev1.PodPhase {
	if ended != nil && ended.ExitCode == 0 {
		return corev1.PodSucceeded
	}
	return corev1.PodFailed
}

// outcome reads how the process ended, in a shell's terms where a signal ended it.
func outcome(ended *os.ProcessState, started metav1.Time) *corev1.ContainerStateTerminated {
	code := int32(ended.ExitCode())
	if status, ok := ended.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		code = 128 + int32(status.Signal())
	}
	reason := "Completed"
	if code != 0 {
		reason = "Error"
	}
	return &corev1.ContainerStateTerminated{ExitCode: code, Reason: reason, StartedAt: started, FinishedAt: metav1.Now()}
}

// cannotRun is the outcome of a command that could not even be started.
func cannotRun(err error) *corev1.ContainerStateTerminated {
	now := metav1.Now()
	return &corev1.ContainerStateTerminated{
		ExitCode: 128, Reason: "StartError", Message: err.Error(), StartedAt: now, FinishedAt: now,
	}
}
