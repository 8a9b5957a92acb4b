package agent

import (
	"context"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/tools/cache"
	"k8s.io/utils/ptr"
)

// watchPods returns when the first list has been read. One watch serves all the nodes stood in for.
func (a *agent) watchPods(ctx context.Context) error {
	scheduled := fields.OneTermNotEqualSelector("spec.nodeName", "")
	lw := cache.NewListWatchFromClient(a.client.CoreV1().RESTClient(), "pods", metav1.NamespaceAll, scheduled)
	store, informer := cache.NewInformerWithOptions(cache.InformerOptions{
		ListerWatcher: lw,
		ObjectType:    &corev1.Pod{},
		Handler: cache.ResourceEventHandlerFuncs{
			AddFunc:    func(object any) { a.sync(ctx, object.(*corev1.Pod)) },
			UpdateFunc: func(_, object any) { a.sync(ctx, object.(*corev1.Pod)) },
			DeleteFunc: func(object any) {
				if missed, ok := object.(cache.DeletedFinalStateUnknown); ok {
					object = missed.Obj
				}
				a.gone(object.(*corev1.Pod))
			},
		},
	})
	a.pods = store
	go informer.RunWithContext(ctx)
	if !cache.WaitForCacheSync(ctx.Done(), informer.HasSynced) {
		return ctx.Err()
	}
	return nil
}

// waitForControllers waits for what a pod needs and the controllers make: without the account it would be refused, and
// with some nodes still tainted all would be scheduled to the others.
func (a *agent) waitForControllers(ctx context.Context) error {
	return wait.PollUntilContextTimeout(ctx, 50*time.Millisecond, time.Minute, true, func(ctx context.Context) (bool, error) {
		if _, err := a.client.CoreV1().ServiceAccounts("default").Get(ctx, "default", metav1.GetOptions{}); err != nil {
			return false, nil
		}
		for name := range a.nodes {
			n, err := a.client.CoreV1().Nodes().Get(ctx, name, metav1.GetOptions{})
			if err != nil || len(n.Spec.Taints) > 0 {
				return false, nil
			}
		}
		return true, nil
	})
}

// remove lets go of a pod that has ended and was to be deleted.
func (a *agent) remove(ctx context.Context, pod *corev1.Pod) {
	options := metav1.DeleteOptions{GracePeriodSeconds: ptr.To[int64](0), Preconditions: metav1.NewUIDPreconditions(string(pod.UID))}
	a.awaitVoice(ctx, a.nodes[pod.Spec.NodeName])
	untilAccepted(ctx, func() error {
		return a.client.CoreV1().Pods(pod.Namespace).Delete(ctx, pod.Name, options)
	})
}

// untilAccepted asks again for as long as the API server cannot answer; a refusal is an answer, and so is that the object
// is gone or another.
func untilAccepted(ctx context.Context, ask func() error) {
	for {
		err := ask()
		if err == nil || apierrors.IsNotFound(err) || apierrors.IsConflict(err) || ctx.Err() != nil {
			return
		}
		complain("API server: %v", err)
		if apierrors.IsInvalid(err) || !pause(ctx, 250*time.Millisecond) {
			return
		}
	}
}

// pause tells whether the time went by before the context ended.
func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}
