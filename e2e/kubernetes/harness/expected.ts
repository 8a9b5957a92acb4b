/**
 * Which endpoints a client must be given, told from the objects alone. It shares no code with the server, so that the two do not
 * err alike; H1 to H16 are the rules of the requirements.
 */
import type { EndpointSlice, Service, ServicePort, SliceEndpoint } from "./objects.ts";

/** What is compared of an endpoint. */
export interface ExpectedEndpoint {
  /** ADDRESS:PORT. */
  readonly address: string;
  readonly zone: string;
}

interface Candidate extends ExpectedEndpoint {
  readonly node: string | undefined;
  readonly ready: boolean;
  readonly drains: boolean;
}

const conditionsOf = ({ conditions = {} }: SliceEndpoint) => ({
  ready: conditions.ready ?? true,
  drains: (conditions.serving ?? true) && (conditions.terminating ?? false),
});

/** The number that a slice gives to a port of the Service, which names it (H0); a slice may leave it open (H5). */
function numberIn(slice: EndpointSlice, { name = "", port, targetPort }: ServicePort): number | undefined {
  const found = (slice.ports ?? []).find((one) => (one.name ?? "") === name && (one.protocol ?? "TCP") === "TCP");
  if (found === undefined) return undefined;
  return found.port ?? (typeof targetPort === "number" ? targetPort : port);
}

function candidatesOf(port: ServicePort, slices: readonly EndpointSlice[]): readonly Candidate[] {
  return slices.flatMap((slice) => {
    const number = numberIn(slice, port);
    if (number === undefined) return [];
    return (slice.endpoints ?? []).map((endpoint) => {
      const [host = ""] = endpoint.addresses;
      const address = host.includes(":") ? `[${host}]:${number}` : `${host}:${number}`;
      return { address, zone: endpoint.zone ?? "", node: endpoint.nodeName, ...conditionsOf(endpoint) };
    });
  });
}

/** The ready ones; where nothing is ready, those that still serve (H9 to H12). */
function usable(candidates: readonly Candidate[]): readonly Candidate[] {
  const ready = candidates.filter((one) => one.ready);
  return ready.length > 0 ? ready : candidates.filter(({ drains }) => drains);
}

/**
 * The endpoints of one port of a Service, each address once (H16), in order.
 * @param node where the client runs, if it says so: counts for a Service that serves only its own node (H14)
 */
export function expectedEndpoints(
  service: Service,
  port: ServicePort,
  slices: readonly EndpointSlice[],
  node?: string,
): readonly ExpectedEndpoint[] {
  const { ipFamilies = ["IPv4"], internalTrafficPolicy } = service.spec;
  const own = slices.filter(
    ({ metadata, addressType }) =>
      metadata.labels?.["kubernetes.io/service-name"] === service.metadata.name && addressType === ipFamilies[0],
  );
  const isLocal = internalTrafficPolicy === "Local" && node !== undefined;
  const candidates = candidatesOf(port, own).filter((one) => !isLocal || one.node === node);
  // Of two slices with one address (copies of Endpoints tell no zone) the one that tells a zone counts, so it is put last.
  const known = usable(candidates).toSorted((a, b) => (a.zone < b.zone ? -1 : 1));
  const byAddress = new Map(known.map(({ address, zone }) => [address, { address, zone }]));
  return [...byAddress.values()].toSorted((a, b) => (a.address < b.address ? -1 : 1));
}

/** The ports that are served: those of TCP (H0). */
export const servedPorts = ({ spec: { ports = [] } }: Service): readonly ServicePort[] =>
  ports.filter(({ protocol = "TCP" }) => protocol === "TCP");
