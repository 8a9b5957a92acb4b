package agent

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"evenkeel.test/cluster/files"
)

// runDir is private to each pod. Volumes mounted elsewhere would need directories on the machine and are left out.
const runDir = "/var/run"

// volume is a projected one, as that of a service account is, with its files kept in source.
type volume struct {
	source, target string
	sources        []corev1.VolumeProjection
}

func (w *worker) volumesDir() string {
	return filepath.Join(w.agent.dir, "volumes", string(w.pod.UID))
}

// makeVolumes returns when each file has been written once, and keeps the tokens fresh after that.
func (w *worker) makeVolumes(ctx context.Context) ([]volume, error) {
	var volumes []volume
	for _, mount := range w.container.VolumeMounts {
		v, ok := w.volume(mount)
		if !ok {
			continue
		}
		if err := os.MkdirAll(v.source, 0o755); err != nil {
			return nil, err
		}
		expiry, err := w.fillUntilDone(ctx, v)
		if err != nil {
			return nil, err
		}
		if !expiry.IsZero() {
			go w.keepFresh(ctx, v, expiry)
		}
		volumes = append(volumes, v)
	}
	return volumes, nil
}

func (w *worker) volume(mount corev1.VolumeMount) (volume, bool) {
	for _, declared := range w.pod.Spec.Volumes {
		if declared.Name == mount.Name && declared.Projected != nil && strings.HasPrefix(mount.MountPath, runDir+"/") {
			source := filepath.Join(w.volumesDir(), mount.Name)
			return volume{source, mount.MountPath, declared.Projected.Sources}, true
		}
	}
	return volume{}, false
}

// fillUntilDone asks again: the certificates' ConfigMap of a new namespace comes a moment later than its first pod.
func (w *worker) fillUntilDone(ctx context.Context, v volume) (time.Time, error) {
	for {
		expiry, err := w.fill(ctx, v)
		if err == nil {
			return expiry, nil
		}
		select {
		case <-w.terminating:
			return expiry, err
		default:
		}
		if !pause(ctx, 250*time.Millisecond) {
			return expiry, err
		}
	}
}

// keepFresh writes the tokens again after 80 % of their life, as a kubelet does.
func (w *worker) keepFresh(ctx context.Context, v volume, expiry time.Time) {
	for pause(ctx, time.Until(expiry)*8/10) {
		fresh, err := w.fill(ctx, v)
		if err != nil {
			complain("pod %s/%s: token: %v", w.pod.Namespace, w.pod.Name, err)
			pause(ctx, 10*time.Second)
			continue
		}
		expiry = fresh
	}
}

// fill writes the volume's files and tells when the first of its tokens expires.
func (w *worker) fill(ctx context.Context, v volume) (expiry time.Time, err error) {
	for _, source := range v.sources {
		switch {
		case source.ServiceAccountToken != nil:
			var expires time.Time
			expires, err = w.writeToken(ctx, v.source, source.ServiceAccountToken)
			if expiry.IsZero() || expires.Before(expiry) {
				expiry = expires
			}
		case source.ConfigMap != nil:
			err = w.writeConfigMap(ctx, v.source, source.ConfigMap)
		case source.DownwardAPI != nil:
			err = w.writeFields(v.source, source.DownwardAPI)
		default:
			err = fmt.Errorf("volume %s: a source that is not supported", v.target)
		}
		if err != nil {
			return expiry, err
		}
	}
	return expiry, nil
}

func (w *worker) writeToken(ctx context.Context, dir string, token *corev1.ServiceAccountTokenProjection) (time.Time, error) {
	request := &authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{
		ExpirationSeconds: token.ExpirationSeconds,
		BoundObjectRef: &authenticationv1.BoundObjectReference{
			Kind: "Pod", APIVersion: "v1", Name: w.pod.Name, UID: w.pod.UID,
		},
	}}
	if token.Audience != "" {
		request.Spec.Audiences = []string{token.Audience}
	}
	accounts := w.agent.client.CoreV1().ServiceAccounts(w.pod.Namespace)
	answer, err := accounts.CreateToken(ctx, w.pod.Spec.ServiceAccountName, request, metav1.CreateOptions{})
	if err != nil {
		return time.Time{}, err
	}
	return answer.Status.ExpirationTimestamp.Time, files.Write(filepath.Join(dir, token.Path), []byte(answer.Status.Token))
}

func (w *worker) writeConfigMap(ctx context.Context, dir string, wanted *corev1.ConfigMapProjection) error {
	content, err := w.agent.client.CoreV1().ConfigMaps(w.pod.Namespace).Get(ctx, wanted.Name, metav1.GetOptions{})
	if err != nil {
		return err
	}
	for _, item := range wanted.Items {
		if err := files.Write(filepath.Join(dir, item.Path), []byte(content.Data[item.Key])); err != nil {
			return err
		}
	}
	return nil
}

func (w *worker) writeFields(dir string, wanted *corev1.DownwardAPIProjection) error {
	for _, item := range wanted.Items {
		if item.FieldRef == nil {
			continue
		}
		value, err := field(w.pod, w.ip, item.FieldRef.FieldPath)
		if err != nil {
			return err
		}
		if err := files.Write(filepath.Join(dir, item.Path), []byte(value)); err != nil {
			return err
		}
	}
	return nil
}

// mountVolumes is called on the pod's thread, in a mount namespace of its own.
func mountVolumes(volumes []volume) error {
	if err := syscall.Mount("none", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("mounts cannot be made private: %w", err)
	}
	if err := syscall.Mount("tmpfs", runDir, "tmpfs", 0, "mode=755"); err != nil {
		return fmt.Errorf("%s: %w", runDir, err)
	}
	for _, v := range volumes {
		if err := os.MkdirAll(v.target, 0o755); err != nil {
			return err
		}
		if err := syscall.Mount(v.source, v.target, "", syscall.MS_BIND, ""); err != nil {
			return fmt.Errorf("%s: %w", v.target, err)
		}
	}
	return nil
}
