/** Kubernetes objects as a cluster would hold them, written as JSON, which is YAML. */

export interface Pod {
  readonly address: string;
  readonly port: number;
  readonly zone?: string;
  readonly node?: string;
  /** What the EndpointSlice says: `ready` unless told otherwise. */
  readonly state?: "ready" | "unready" | "terminating";
}

const CONDITIONS = {
  ready: { ready: true, serving: true, terminating: false },
  unready: { ready: false, serving: false, terminating: false },
  terminating: { ready: false, serving: true, terminating: true },
};

export interface ServiceOptions {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly port?: number;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly pods: readonly Pod[];
}

const isIPv6 = ({ address }: Pod): boolean => address.includes(":");

const endpoint = ({ address, zone, node, state = "ready" }: Pod) => ({
  addresses: [address],
  conditions: CONDITIONS[state],
  ...(zone === undefined ? {} : { zone }),
  ...(node === undefined ? {} : { nodeName: node }),
});

/** One slice per address type and port number, as the EndpointSlice controller writes them. */
function slicesOf({ name, namespace = "default", pods }: ServiceOptions): object[] {
  const groups = Map.groupBy(pods, (pod) => `${isIPv6(pod) ? "IPv6" : "IPv4"}-${pod.port}`);
  return [...groups].map(([key, group]) => ({
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { name: `${name}-${key.toLowerCase()}`, namespace, labels: { "kubernetes.io/service-name": name } },
    addressType: key.startsWith("IPv6") ? "IPv6" : "IPv4",
    ports: [{ name: "grpc", port: group[0]?.port, protocol: "TCP" }],
    endpoints: group.map(endpoint),
  }));
}

/** A Service with one port named `grpc`, and its slices. */
export const service = (options: ServiceOptions): object[] => [
  {
    apiVersion: "v1",
    kind: "Service",
    metadata: {
      name: options.name,
      namespace: options.namespace ?? "default",
      ...(options.uid === undefined ? {} : { uid: options.uid }),
      ...(options.annotations === undefined ? {} : { annotations: options.annotations }),
    },
    spec: {
      ipFamilies: options.pods.length > 0 && options.pods.every(isIPv6) ? ["IPv6"] : ["IPv4"],
      ports: [{ name: "grpc", port: options.port ?? 8080, protocol: "TCP" }],
    },
  },
  ...slicesOf(options),
];

/** A node for each zone, so that zones have a region. */
export const nodes = (region: string, ...zones: readonly string[]): object[] =>
  zones.map((zone) => ({
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name: `node-${zone}`,
      labels: { "topology.kubernetes.io/region": region, "topology.kubernetes.io/zone": zone },
    },
  }));

/** The text of one manifest file. */
export const manifest = (...objects: readonly object[]): string =>
  JSON.stringify({ apiVersion: "v1", kind: "List", items: objects }, undefined, 1);
