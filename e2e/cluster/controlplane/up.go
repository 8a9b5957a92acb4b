// Package controlplane runs etcd and the components of Kubernetes as children of one process.
package controlplane

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

type options struct {
	layout  layout
	listen  string // the API server's address
	port    string // its port
	etcd    string // etcd's address: the next port
	nodes   string
	command []string
}

// Up runs a cluster while the command runs, or until it is told to stop, and returns the command's exit status.
// It wants a network and a mount namespace of its own, and root's rights in them.
func Up(args []string) (int, error) {
	o, err := parse(args)
	if err != nil {
		return 2, err
	}
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer cancel()
	if err := prepare(o.layout); err != nil {
		return 1, err
	}
	began := time.Now()
	s := newSupervisor(o.layout)
	defer s.stop()
	if err := startComponents(ctx, o, s); err != nil {
		return 1, fmt.Errorf("%w (logs: %s)", err, o.layout.path("logs"))
	}
	fmt.Fprintf(os.Stderr, "cluster: ready after %.1f s\n", time.Since(began).Seconds())
	if len(o.command) == 0 {
		fmt.Println("KUBECONFIG=" + o.layout.kubeconfig("admin"))
		<-ctx.Done()
		return 0, nil
	}
	return runCommand(ctx, o)
}

func parse(args []string) (options, error) {
	flags := flag.NewFlagSet("up", flag.ContinueOnError)
	dir := flags.String("dir", "", "the cluster's directory (emptied; not under /run, which each pod has to itself)")
	listen := flags.String("listen", "127.0.0.1:6443", "the API server's address; etcd takes the next port")
	nodes := flags.String("nodes", "node-a=zone-a,node-b=zone-b,node-c=zone-c", "nodes to stand in for: name=zone,...")
	if err := flags.Parse(args); err != nil {
		return options{}, err
	}
	if *dir == "" {
		return options{}, errors.New("--dir is missing")
	}
	absolute, err := filepath.Abs(*dir)
	if err != nil {
		return options{}, err
	}
	_, port, err := net.SplitHostPort(*listen)
	if err != nil {
		return options{}, err
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		return options{}, err
	}
	etcd := net.JoinHostPort("127.0.0.1", strconv.Itoa(number+1))
	return options{
		layout: layout(absolute), listen: *listen, port: port, etcd: etcd, nodes: *nodes, command: flags.Args(),
	}, nil
}

func prepare(l layout) error {
	// Whoever started the cluster may be killed without a chance to say so.
	if err := unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(syscall.SIGTERM), 0, 0, 0); err != nil {
		return err
	}
	if output, err := exec.Command("ip", "link", "set", "lo", "up").CombinedOutput(); err != nil {
		return fmt.Errorf("lo is down in a new network namespace and cannot be set up: %w: %s", err, output)
	}
	return l.create()
}

// runCommand passes the request to stop on to the command and waits for its end.
func runCommand(ctx context.Context, o options) (int, error) {
	command := exec.CommandContext(ctx, o.command[0], o.command[1:]...)
	command.Stdin, command.Stdout, command.Stderr = os.Stdin, os.Stdout, os.Stderr
	command.Env = append(os.Environ(), "KUBECONFIG="+o.layout.kubeconfig("admin"), "CLUSTER_DIR="+string(o.layout))
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGTERM) }
	command.WaitDelay = 30 * time.Second
	err := command.Run()
	if command.ProcessState == nil {
		return 1, err
	}
	if status := command.ProcessState.Sys().(syscall.WaitStatus); status.Signaled() {
		return 128 + int(status.Signal()), nil
	}
	return command.ProcessState.ExitCode(), nil
}
