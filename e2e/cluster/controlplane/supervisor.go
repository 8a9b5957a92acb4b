package controlplane

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"sync"
	"syscall"
	"time"

	"evenkeel.test/cluster/files"
)

// supervisor runs this executable's other subcommands and starts them again when they die, so that a test may kill
// any of them, or stop it for a while, by the id in its pid file.
type supervisor struct {
	layout  layout
	mu      sync.Mutex
	stopped bool
	live    map[string]*os.Process
	running sync.WaitGroup
}

func newSupervisor(l layout) *supervisor {
	return &supervisor{layout: l, live: map[string]*os.Process{}}
}

func (s *supervisor) start(name string, args ...string) {
	s.running.Go(func() {
		runtime.LockOSThread() // Pdeathsig follows the thread that starts the child
		for {
			err := s.runOnce(name, args)
			if s.isStopped() {
				return
			}
			fmt.Fprintf(os.Stderr, "cluster: %s ended (%v), starting it again\n", name, err)
			time.Sleep(400 * time.Millisecond)
		}
	})
}

// runOnce returns when the child has ended, and why.
func (s *supervisor) runOnce(name string, args []string) error {
	log, err := os.OpenFile(s.layout.path("logs", name+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	child := exec.Command(s.layout.path("cluster"), append([]string{name}, args...)...)
	child.Stdout, child.Stderr = log, log
	// A group of its own: an interrupt from the terminal must reach the components through stop, in order.
	child.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	if err := s.launch(name, child); err != nil {
		return err
	}
	return child.Wait()
}

func (s *supervisor) launch(name string, child *exec.Cmd) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		return nil
	}
	if err := child.Start(); err != nil {
		return err
	}
	s.live[name] = child.Process
	return files.Write(s.layout.pid(name), []byte(strconv.Itoa(child.Process.Pid)))
}

func (s *supervisor) isStopped() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stopped
}

// stop tells the agent, which ends the pods, and kills the rest: it holds nothing worth keeping.
func (s *supervisor) stop() {
	s.mu.Lock()
	s.stopped = true
	s.mu.Unlock()
	if agent := s.live["agent"]; agent != nil {
		agent.Signal(syscall.SIGTERM)
		agent.Signal(syscall.SIGCONT) // a test may have left it stopped
		for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline) && agent.Signal(syscall.Signal(0)) == nil; {
			time.Sleep(20 * time.Millisecond)
		}
	}
	for _, process := range s.live {
		process.Kill()
	}
	s.running.Wait()
}
