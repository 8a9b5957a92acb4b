package agent

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"evenkeel.test/cluster/files"
)

// process is one run of the container.
type process struct {
	pid    int
	env    []string
	alive  context.Context // ends with the process at the latest
	exited chan struct{}   // closed when it has been waited for, with all its group
}

// podFile is what tests read of a living pod, in the cluster's directory.
type podFile struct {
	Pid  int    `json:"pid"`
	IP   string `json:"ip"`
	Node string `json:"node"`
	Veth string `json:"veth"`
}

// start is called on the pod's thread: the process is born into its namespaces.
func (w *worker) start(ctx context.Context) (*process, error) {
	variables, err := environment(w.pod, w.ip, w.baseVariables())
	if err != nil {
		return nil, err
	}
	argv := commandLine(w.container, variables)
	log, err := os.OpenFile(w.agent.podPath("logs/pods", w.pod, ".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	command := exec.Command(argv[0], argv[1:]...)
	command.Dir, command.Env, command.Stdout, command.Stderr = w.container.WorkingDir, pairs(variables), log, log
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := command.Start(); err != nil {
		return nil, err
	}
	alive, died := context.WithCancel(ctx)
	p := &process{pid: command.Process.Pid, env: command.Env, alive: alive, exited: make(chan struct{})}
	started := metav1.Now()
	w.publish(p)
	w.change(func(s *state) { s.running, s.started, s.ended = true, started, nil })
	go func() {
		defer close(p.exited)
		_ = command.Wait() // the outcome is read from the process's state
		died()
		_ = syscall.Kill(-p.pid, syscall.SIGKILL) // its children, as a container would
		w.unpublish()
		w.change(func(s *state) {
			s.running, s.ready = false, false
			s.ended = outcome(command.ProcessState, started)
		})
	}()
	return p, nil
}

// baseVariables are those that a pod has without asking.
func (w *worker) baseVariables() map[string]string {
	return map[string]string{
		"PATH":                    os.Getenv("PATH"),
		"HOME":                    os.Getenv("HOME"),
		"HOSTNAME":                w.pod.Name,
		"KUBERNETES_SERVICE_HOST": w.agent.gateway,
		"KUBERNETES_SERVICE_PORT": w.agent.apiserverPort,
	}
}

func (w *worker) publish(p *process) {
	content, err := json.Marshal(podFile{Pid: p.pid, IP: w.ip, Node: w.node.name, Veth: vethName(w.ip)})
	if err == nil {
		err = files.Write(w.agent.podPath("pods", w.pod, ".json"), content)
	}
	if err != nil {
		complain("pod %s/%s: %v", w.pod.Namespace, w.pod.Name, err)
	}
}

func (w *worker) unpublish() { _ = os.Remove(w.agent.podPath("pods", w.pod, ".json")) }

// killLeftovers ends the children of pods whose agent was killed; the kernel has killed the pods' own processes.
func (a *agent) killLeftovers() {
	paths, _ := filepath.Glob(filepath.Join(a.dir, "pods", "*.json"))
	for _, path := range paths {
		var pod podFile
		if content, err := os.ReadFile(path); err == nil && json.Unmarshal(content, &pod) == nil && pod.Pid > 1 {
			_ = syscall.Kill(-pod.Pid, syscall.SIGKILL)
		}
		_ = os.Remove(path)
	}
}

func (p *process) kill() {
	_ = syscall.Kill(-p.pid, syscall.SIGKILL)
	<-p.exited
}

// shutDown gives the process its grace period: the hook, SIGTERM, and SIGKILL at its end. Readiness is probed on, so
// that "serving" tells the truth of a pod that terminates.
func (w *worker) shutDown(ctx context.Context, p *process) {
	deadline := time.Now().Add(w.grace)
	w.preStop(p, deadline)
	_ = syscall.Kill(p.pid, syscall.SIGTERM)
	select {
	case <-p.exited:
	case <-ctx.Done():
	case <-time.After(max(time.Until(deadline), 2*time.Second)): // the kubelet, too, adds 2 s when the hook took it all
	}
	p.kill()
}

func (w *worker) preStop(p *process, deadline time.Time) {
	if w.container.Lifecycle == nil || w.container.Lifecycle.PreStop == nil {
		return
	}
	ctx, cancel := context.WithDeadline(p.alive, deadline)
	defer cancel()
	var err error
	switch hook := w.container.Lifecycle.PreStop; {
	case hook.Exec != nil:
		err = p.execute(ctx, hook.Exec)
	case hook.HTTPGet != nil:
		err = w.get(ctx, hook.HTTPGet)
	case hook.Sleep != nil:
		pause(ctx, time.Duration(hook.Sleep.Seconds)*time.Second)
	}
	if err != nil {
		complain("pod %s/%s: preStop: %v", w.pod.Namespace, w.pod.Name, err)
	}
}

// execute runs a command inside the living pod.
func (p *process) execute(ctx context.Context, action *corev1.ExecAction) error {
	enter := []string{"--target", strconv.Itoa(p.pid), "--net", "--mount", "--uts", "--wd", "--"}
	command := exec.CommandContext(ctx, "nsenter", append(enter, action.Command...)...)
	command.Env = p.env
	command.WaitDelay = time.Second
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("%q: %w: %s", action.Command, err, output)
	}
	return nil
}
