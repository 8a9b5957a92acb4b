package agent

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/component-base/version"
	"k8s.io/utils/ptr"
)

const (
	region         = "region-1"
	renewLease     = 5 * time.Second
	lookForSilence = 250 * time.Millisecond
)

type node struct {
	name, zone string
	index      int // its pods are 10.244.<index>.2 to .254
	addresses  addresses
}

func parseNodes(list string) map[string]*node {
	nodes := map[string]*node{}
	for i, item := range strings.Split(list, ",") {
		name, zone, _ := strings.Cut(item, "=")
		nodes[name] = &node{name: name, zone: zone, index: i + 1, addresses: newAddresses(i + 1)}
	}
	return nodes
}

func (n *node) hostIP() string { return fmt.Sprintf("10.244.%d.1", n.index) }

func (a *agent) register(ctx context.Context, n *node) error {
	labels := map[string]string{
		corev1.LabelHostname:       n.name,
		corev1.LabelTopologyZone:   n.zone,
		corev1.LabelTopologyRegion: region,
		corev1.LabelOSStable:       runtime.GOOS,
		corev1.LabelArchStable:     runtime.GOARCH,
	}
	object := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: n.name, Labels: labels}}
	_, err := a.client.CoreV1().Nodes().Create(ctx, object, metav1.CreateOptions{})
	if err != nil && !apierrors.IsAlreadyExists(err) {
		return err
	}
	return a.reportNode(ctx, n)
}

// reportNode says that the node is ready, with room for whatever a test thinks of.
func (a *agent) reportNode(ctx context.Context, n *node) error {
	now := metav1.Now()
	room := corev1.ResourceList{
		corev1.ResourceCPU:    resource.MustParse("64"),
		corev1.ResourceMemory: resource.MustParse("256Gi"),
		corev1.ResourcePods:   resource.MustParse("250"),
	}
	patch, err := json.Marshal(map[string]any{"status": corev1.NodeStatus{
		Capacity: room, Allocatable: room,
		Addresses: []corev1.NodeAddress{
			{Type: corev1.NodeInternalIP, Address: n.hostIP()},
			{Type: corev1.NodeHostName, Address: n.name},
		},
		Conditions: []corev1.NodeCondition{{
			Type: corev1.NodeReady, Status: corev1.ConditionTrue, Reason: "KubeletReady",
			LastHeartbeatTime: now, LastTransitionTime: now,
		}},
		NodeInfo: corev1.NodeSystemInfo{
			KubeletVersion: version.Get().GitVersion, OperatingSystem: runtime.GOOS, Architecture: runtime.GOARCH,
		},
	}})
	if err != nil {
		return err
	}
	_, err = a.client.CoreV1().Nodes().Patch(ctx, n.name, types.StrategicMergePatchType, patch, metav1.PatchOptions{}, "status")
	return err
}

// isSilent tells whether a test has cut the node off: it then says nothing and hears nothing, while its pods run on.
func (a *agent) isSilent(n *node) bool {
	_, err := os.Stat(filepath.Join(a.dir, "silent", n.name))
	return err == nil
}

// awaitVoice returns when the node is not silent, or the context has ended.
func (a *agent) awaitVoice(ctx context.Context, n *node) {
	for a.isSilent(n) && pause(ctx, lookForSilence) {
	}
}

// heartbeat renews the node's lease, for want of which the node-lifecycle controller takes a node for lost.
func (a *agent) heartbeat(ctx context.Context, n *node) {
	var renewed time.Time
	behind := false // Kubernetes may have taken the node for lost, and its pods for not ready
	for pause(ctx, lookForSilence) {
		if a.isSilent(n) {
			behind = true
			continue
		}
		if !behind && time.Since(renewed) < renewLease {
			continue
		}
		if err := a.renew(ctx, n); err != nil {
			complain("lease of %s: %v", n.name, err)
			behind = true
			continue
		}
		renewed = time.Now()
		if behind {
			untilAccepted(ctx, func() error { return a.reportNode(ctx, n) })
			a.catchUp(ctx, n)
			behind = false
		}
	}
}

func (a *agent) renew(ctx context.Context, n *node) error {
	ctx, cancel := context.WithTimeout(ctx, 2*renewLease)
	defer cancel()
	leases := a.client.CoordinationV1().Leases(corev1.NamespaceNodeLease)
	lease, err := leases.Get(ctx, n.name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		_, err = leases.Create(ctx, &coordinationv1.Lease{
			ObjectMeta: metav1.ObjectMeta{Name: n.name},
			Spec: coordinationv1.LeaseSpec{
				HolderIdentity: &n.name, LeaseDurationSeconds: ptr.To[int32](40), RenewTime: ptr.To(metav1.NowMicro()),
			},
		}, metav1.CreateOptions{})
		return err
	}
	if err != nil {
		return err
	}
	lease.Spec.RenewTime = ptr.To(metav1.NowMicro())
	_, err = leases.Update(ctx, lease, metav1.UpdateOptions{})
	return err
}
