package agent

import (
	"reflect"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func fromField(name, path string) corev1.EnvVar {
	return corev1.EnvVar{Name: name, ValueFrom: &corev1.EnvVarSource{FieldRef: &corev1.ObjectFieldSelector{FieldPath: path}}}
}

func TestVariablesSeeThoseBeforeThemAndTheFieldsOfThePod(t *testing.T) {
	container := corev1.Container{
		Env: []corev1.EnvVar{
			fromField("IP", "status.podIP"),
			fromField("ZONE", "metadata.labels['topology.kubernetes.io/zone']"),
			{Name: "WHERE", Value: "$(IP) in $(ZONE), $(LATER), $$(IP)"},
			{Name: "LATER", Value: "later"},
		},
		Command: []string{"serve", "$(WHERE)"},
	}
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{corev1.LabelTopologyZone: "zone-a"}},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{container}},
	}
	variables, err := environment(pod, "10.244.1.2", map[string]string{"HOME": "/"})
	if err != nil {
		t.Fatal(err)
	}
	where := "10.244.1.2 in zone-a, $(LATER), $(IP)"
	want := []string{"HOME=/", "IP=10.244.1.2", "LATER=later", "WHERE=" + where, "ZONE=zone-a"}
	if got := pairs(variables); !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := commandLine(container, variables); !reflect.DeepEqual(got, []string{"serve", where}) {
		t.Errorf("got %q", got)
	}
}

func TestAFieldThatDoesNotExistIsAnError(t *testing.T) {
	pod := &corev1.Pod{Spec: corev1.PodSpec{Containers: []corev1.Container{{Env: []corev1.EnvVar{fromField("X", "spec.nonsense")}}}}}
	if _, err := environment(pod, "10.244.1.2", nil); err == nil {
		t.Error("no error")
	}
}

func TestTheBackOffDoublesUpToTenSeconds(t *testing.T) {
	for restarts, want := range map[int32]time.Duration{0: time.Second, 1: 2 * time.Second, 3: 8 * time.Second, 4: 10 * time.Second, 99: 10 * time.Second} {
		if got := backOffTime(restarts); got != want {
			t.Errorf("after %d restarts: %v, want %v", restarts, got, want)
		}
	}
}

func TestReadinessTurnsAfterAsManyOutcomesInARowAsTheProbeAsks(t *testing.T) {
	probe := &corev1.Probe{SuccessThreshold: 1, FailureThreshold: 2}
	var seen tally
	type verdict struct{ ready, decided bool }
	var got []verdict
	for _, ok := range []bool{false, true, false, true, false, false} {
		seen.add(ok)
		ready, decided := seen.verdict(probe)
		got = append(got, verdict{ready, decided})
	}
	undecided, ready, unready := verdict{}, verdict{true, true}, verdict{false, true}
	if want := []verdict{undecided, ready, undecided, ready, undecided, unready}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestAnAddressComesBackOnlyAfterAllTheOthers(t *testing.T) {
	free := newAddresses(1)
	first := free.take()
	delete(free.used, first)
	for range 252 {
		if free.take() == first {
			t.Fatalf("%s came back too early", first)
		}
	}
	if got := free.take(); got != first {
		t.Errorf("got %s, want %s", got, first)
	}
}
