/** Objects as an API server writes them, of the Services of world.ts. */
const NAMESPACE = "bench";

/** What makes real objects large, and is not kept. */
const managedFields = [
  {
    manager: "kube-controller-manager",
    fieldsV1: Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`f:field-${i}`, {}])),
  },
];

export const rawService = (number: number) => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: `s${number}`, namespace: NAMESPACE, uid: `uid-${number}`, managedFields },
  spec: { type: "ClusterIP", ipFamilies: ["IPv4"], ports: [{ name: "grpc", port: 8080, targetPort: 8080 }] },
});

/** A different one for each number below 2 ** 24. */
const endpoint = (number: number) => ({
  addresses: [`10.${number >> 16}.${(number >> 8) & 255}.${number & 255}`],
  conditions: { ready: true, serving: true, terminating: false },
  nodeName: `node-${number % 30}`,
  zone: ["a", "b", "c"][number % 3],
  targetRef: {
    kind: "Pod",
    name: `pod-5d9c7b7f9-${number}`,
    namespace: NAMESPACE,
    uid: `0f3d4c2a-1111-2222-3333-${number}`,
  },
});

interface SlicePlace {
  readonly service: number;
  /** Among those of its Service. */
  readonly slice: number;
  /** The number of its first endpoint; the others follow. */
  readonly first: number;
  readonly size: number;
}

export const rawSlice = ({ service, slice, first, size }: SlicePlace) => ({
  apiVersion: "discovery.k8s.io/v1",
  kind: "EndpointSlice",
  metadata: {
    name: `s${service}-${slice}`,
    namespace: NAMESPACE,
    labels: { "kubernetes.io/service-name": `s${service}` },
    managedFields,
  },
  addressType: "IPv4",
  ports: [{ name: "grpc", port: 8080, protocol: "TCP" }],
  endpoints: Array.from({ length: size }, (_, i) => endpoint(first + i)),
});
