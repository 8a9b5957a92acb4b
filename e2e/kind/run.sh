#!/usr/bin/env bash
# Runs the suite of e2e/kubernetes on a kind cluster of its own, which is deleted at the end whatever comes.
# Usage: e2e/kind/run.sh [ARGUMENTS OF VITEST]
set -euo pipefail
cd "$(dirname "$0")/../.."

readonly cluster="evenkeel-e2e-$$"
readonly server_image=evenkeel:kind
readonly pod_image=evenkeel-e2e:kind

lacking=()
for program in docker kind kubectl; do
  command -v "$program" > /dev/null || lacking+=("$program")
done
if [ "${#lacking[@]}" -gt 0 ]; then
  printf 'the kind suite needs %s, which this machine lacks; npm run e2e:kubernetes runs the same suite without\n' \
    "${lacking[*]}" >&2
  exit 2
fi
if ! docker info > /dev/null; then
  printf 'the kind suite needs a docker that runs: "docker info" says why it does not\n' >&2
  exit 2
fi

folder="$(mktemp -d)"
export KUBECONFIG="$folder/kubeconfig"
cleanup() {
  kind delete cluster --name "$cluster" || true
  rm -rf "$folder"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

docker build --tag "$server_image" .
docker build --target build --tag "$pod_image" .
kind create cluster --name "$cluster" --config e2e/kind/kind.yaml --wait 180s
kind load docker-image --name "$cluster" "$server_image" "$pod_image"
kubectl apply --kustomize e2e/kind
kubectl --namespace evenkeel-system rollout status deployment/evenkeel --timeout 120s

# The suite starts its pods from this image, whose working folder is a checkout with everything installed.
export EVENKEEL_E2E=kind EVENKEEL_E2E_IMAGE="$pod_image"
npx vitest run --config e2e/kubernetes/vitest.config.ts "$@"
