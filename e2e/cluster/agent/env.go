package agent

import (
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/kubernetes/pkg/fieldpath"
	"k8s.io/kubernetes/third_party/forked/golang/expansion"
)

// environment resolves the first container's variables as a kubelet does; references to ConfigMaps, Secrets and
// resources are not supported and give an empty value.
func environment(pod *corev1.Pod, ip string, base map[string]string) (map[string]string, error) {
	variables := maps.Clone(base)
	expand := expansion.MappingFuncFor(variables) // sees the variables that came before
	for _, variable := range pod.Spec.Containers[0].Env {
		value := expansion.Expand(variable.Value, expand)
		if from := variable.ValueFrom; from != nil && from.FieldRef != nil {
			var err error
			if value, err = field(pod, ip, from.FieldRef.FieldPath); err != nil {
				return nil, err
			}
		}
		variables[variable.Name] = value
	}
	return variables, nil
}

// field is the downward API.
func field(pod *corev1.Pod, ip, path string) (string, error) {
	switch path {
	case "spec.nodeName":
		return pod.Spec.NodeName, nil
	case "spec.serviceAccountName":
		return pod.Spec.ServiceAccountName, nil
	case "status.podIP", "status.podIPs":
		return ip, nil
	default:
		return fieldpath.ExtractFieldPathAsString(pod, path)
	}
}

// commandLine is the container's command; without one, for there is no image to name one, a pod that does nothing.
func commandLine(container corev1.Container, variables map[string]string) []string {
	words := slices.Concat(container.Command, container.Args)
	if len(words) == 0 {
		return []string{"sleep", "infinity"}
	}
	expand := expansion.MappingFuncFor(variables)
	for i, word := range words {
		words[i] = expansion.Expand(word, expand)
	}
	return words
}

// pairs is what a process wants: NAME=value, in order.
func pairs(variables map[string]string) []string {
	list := make([]string, 0, len(variables))
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		list = append(list, name+"="+variables[name])
	}
	return list
}
