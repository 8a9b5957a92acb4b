package agent

import (
	"context"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// addresses are those of one node's pods. They go round, so that one is not given again soon after its pod has gone.
type addresses struct {
	node int
	last int
	used map[string]bool
}

func newAddresses(node int) addresses {
	return addresses{node: node, last: 1, used: map[string]bool{}}
}

// take returns a free address; there are more than the pods that a node takes.
func (a *addresses) take() string {
	for {
		if a.last++; a.last > 254 {
			a.last = 2
		}
		address := fmt.Sprintf("10.244.%d.%d", a.node, a.last)
		if !a.used[address] {
			a.used[address] = true
			return address
		}
	}
}

func (n *node) release(address string) { delete(n.addresses.used, address) }

// keepAddresses leaves each pod its address over the death of an agent: a status may not have two.
func (a *agent) keepAddresses(ctx context.Context) error {
	pods, err := a.client.CoreV1().Pods(metav1.NamespaceAll).List(ctx, metav1.ListOptions{})
	if err != nil {
		return err
	}
	for _, pod := range pods.Items {
		if n := a.nodes[pod.Spec.NodeName]; n != nil && pod.Status.PodIP != "" && !isFinished(&pod) {
			n.addresses.used[pod.Status.PodIP] = true
		}
	}
	return nil
}
