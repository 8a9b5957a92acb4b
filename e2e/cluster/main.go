// Command cluster is a Kubernetes control plane in one executable: etcd and the components of Kubernetes as
// subcommands (one link step, one cache entry), a stand-in for the kubelets, and "up", which runs them all.
package main

import (
	"fmt"
	"os"
	"runtime"

	"github.com/spf13/cobra"
	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllermanager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"

	"evenkeel.test/cluster/agent"
	"evenkeel.test/cluster/controlplane"
)

// components are Kubernetes' own commands, with their own flags.
var components = map[string]func() *cobra.Command{
	"apiserver":          apiserver.NewAPIServerCommand,
	"controller-manager": controllermanager.NewControllerManagerCommand,
	"scheduler":          func() *cobra.Command { return scheduler.NewSchedulerCommand() },
}

// commands are ours; each returns the exit status, and an error when there is something to say.
var commands = map[string]func(args []string) (int, error){
	"up":      controlplane.Up,
	"etcd":    controlplane.Etcd,
	"compact": controlplane.Compact,
	"agent":   agent.Run,
}

// The main goroutine stays on the main thread: "up" must outlive the children that it starts there, and the agent's
// threads that move into a pod's namespaces must never be the one by whose namespaces the process is known.
func init() { runtime.LockOSThread() }

func main() {
	if len(os.Args) < 2 {
		refuse("usage: cluster up|agent|etcd|apiserver|controller-manager|scheduler|compact [flags]")
	}
	name, args := os.Args[1], os.Args[2:]
	if newCommand, ok := components[name]; ok {
		os.Args = append([]string{"cluster-" + name}, args...)
		os.Exit(cli.Run(newCommand()))
	}
	run, ok := commands[name]
	if !ok {
		refuse("unknown subcommand " + name)
	}
	status, err := run(args)
	if err != nil {
		fmt.Fprintf(os.Stderr, "cluster: %s: %v\n", name, err)
	}
	os.Exit(status)
}

func refuse(message string) {
	fmt.Fprintln(os.Stderr, message)
	os.Exit(2)
}
