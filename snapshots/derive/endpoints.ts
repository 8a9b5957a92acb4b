import { compareZones, perZone, type Zone } from "../balance/zone.ts";
import type { EndpointSlice, Service, ServicePort, SliceEndpoint } from "../objects.ts";
import { compare, compareAll } from "../order.ts";
import type { Problem } from "../problem.ts";
import { canonicalAddress, type Family, isPort } from "./address.ts";
import type { Endpoint, Topology } from "./model.ts";
import { serviceProblem } from "./service-problem.ts";
import { zoneOf } from "./topology.ts";

/** An entry of a slice that is no endpoint of the port. */
export interface LeftOut {
  readonly address: string;
  /** Absent when its slice has no usable port. */
  readonly port?: number;
  readonly slice: string;
  /** Words for people. */
  readonly why: string;
}

/** Which entries of its slices serve one Service port, and why the others do not. */
export interface Judged {
  /** Unique by address and port; by zone, then address, then port. */
  readonly endpoints: readonly Endpoint[];
  /** None is ready, so those that are serving and terminating count as healthy (H12). */
  readonly allTerminating: boolean;
  readonly left: readonly LeftOut[];
  readonly problems: readonly Problem[];
}

interface Candidate {
  readonly endpoint: Endpoint;
  readonly slice: string;
}

/** What is judged so far. */
interface Verdict {
  /** By port and address. */
  readonly best: Map<number, Map<string, Candidate>>;
  readonly left: LeftOut[];
  readonly problems: Problem[];
}

export const compareEndpoints = (a: Endpoint, b: Endpoint): number =>
  compareZones(a.zone, b.zone) || compare(a.address, b.address) || a.port - b.port;

/** Of all endpoints of a workload no two have the same. */
export const endpointKey = ({ address, port }: Pick<Endpoint, "address" | "port">): string => `${address} ${port}`;

/** The primary family (H13); where the object names none, IPv4 if there is any. */
export function servedFamily({ ipFamilies }: Service, slices: readonly EndpointSlice[]): Family {
  const filled = slices.filter(({ endpoints }) => endpoints.length > 0);
  const present = (family: Family): boolean => filled.some(({ addressType }) => addressType === family);
  return ipFamilies[0] ?? (present("IPv6") && !present("IPv4") ? "IPv6" : "IPv4");
}

/** The number that a slice gives the port, or why its entries cannot be used. A slice without number means all ports (H5). */
function portIn(slice: EndpointSlice, { name, port, targetPort }: ServicePort): number | string {
  if (slice.ports.length === 0) return "its slice has no ports";
  const match = slice.ports.find((own) => own.name === name && own.protocol === "TCP");
  if (match === undefined) return `its slice has no TCP port ${name === "" ? "without name" : `named "${name}"`}`;
  return match.port ?? (typeof targetPort === "number" ? targetPort : port);
}

/** Why nothing of a slice can be used, whatever the port. */
function unusable({ addressType }: EndpointSlice, family: Family): string | undefined {
  if (addressType === "FQDN") return "its slice lists host names (FQDN), which cannot be endpoints";
  return addressType === family ? undefined : `its slice is ${addressType}; the family that is served is ${family}`;
}

/** Absent conditions: ready, serving, not terminating (H5). `ready` wins over `terminating` (H10). */
function healthOf({ ready = true, serving = true, terminating = false }: SliceEndpoint): Endpoint["health"] | string {
  if (ready) return "healthy";
  if (!terminating) return "it is not ready";
  return serving ? "draining" : "it is terminating and no longer serving";
}

const isHealth = (text: string): text is Endpoint["health"] => text === "healthy" || text === "draining";

const rank = ({ health }: Endpoint): number => (health === "healthy" ? 1 : 0);

/** Of two entries with one address the most ready counts (H3); then the one that says more of where it stands. */
const precedes = (a: Endpoint, b: Endpoint): boolean =>
  (rank(b) - rank(a) ||
    compareAll([b.zone.region, b.zone.zone, b.node ?? ""], [a.zone.region, a.zone.zone, a.node ?? ""])) < 0;

function addCandidate(verdict: Verdict, candidate: Candidate): void {
  const { address, port } = candidate.endpoint;
  const ofPort = verdict.best.get(port) ?? new Map<string, Candidate>();
  verdict.best.set(port, ofPort);
  const known = ofPort.get(address);
  const [winner, loser] =
    known === undefined || precedes(candidate.endpoint, known.endpoint) ? [candidate, known] : [known, candidate];
  ofPort.set(address, winner);
  if (loser === undefined) return;
  verdict.left.push({ address, port, slice: loser.slice, why: `it counts once, as in slice ${winner.slice}` });
}

const NO_HINTS: Pick<Endpoint, "hintedZones" | "hintedNodes"> = {};

/** The hints of an entry: absent, as nearly always, rather than undefined. */
function hintsOf({ hintedZones, hintedNodes }: SliceEndpoint): typeof NO_HINTS {
  if (hintedZones === undefined && hintedNodes === undefined) return NO_HINTS;
  return { ...(hintedZones !== undefined && { hintedZones }), ...(hintedNodes !== undefined && { hintedNodes }) };
}

/** The same object for the same zone, since endpoints are many and zones few. */
function zoneReader(topology: Topology): (endpoint: SliceEndpoint) => Zone {
  const theSame = perZone((zone) => zone);
  return (endpoint) => theSame(zoneOf(topology, endpoint));
}

/** How the entries of a slice are read. */
interface Terms {
  readonly family: Family;
  readonly port: number;
  readonly topology: Topology;
}

/** What the entries of one slice are, whatever stands in the others. */
interface Reading extends Terms {
  readonly candidates: readonly Candidate[];
  readonly left: readonly LeftOut[];
  /** Those of its addresses that are none. */
  readonly bad: readonly string[];
}

function readEntries(slice: EndpointSlice, terms: Terms): Reading {
  const { family, port, topology } = terms;
  const zone = zoneReader(topology);
  const candidates: Candidate[] = [];
  const left: LeftOut[] = [];
  const bad: string[] = [];
  for (const entry of slice.endpoints) {
    const address = canonicalAddress(entry.address, family);
    const health = healthOf(entry);
    if (address === undefined) {
      bad.push(entry.address);
      left.push({ address: entry.address, port, slice: slice.name, why: `it is not an ${family} address` });
    } else if (isHealth(health)) {
      const node = entry.nodeName === undefined ? {} : { node: entry.nodeName };
      const endpoint = { address, port, zone: zone(entry), ...node, health, ...hintsOf(entry) };
      candidates.push({ endpoint, slice: slice.name });
    } else {
      left.push({ address, port, slice: slice.name, why: health });
    }
  }
  candidates.sort((a, b) => compareEndpoints(a.endpoint, b.endpoint)); // so that sorting them all is merging
  return { ...terms, candidates, left, bad };
}

const readings = new WeakMap<EndpointSlice, readonly Reading[]>();

/** As it was read before, unless nodes have moved since: one slice of a Service changes, and the others are read no more. */
function readSlice(slice: EndpointSlice, terms: Terms): Reading {
  const { family, port, topology } = terms;
  const current = (readings.get(slice) ?? []).filter((reading) => reading.topology === topology);
  const known = current.find((reading) => reading.port === port && reading.family === family);
  const reading = known ?? readEntries(slice, terms);
  if (known === undefined) readings.set(slice, [...current, reading]);
  return reading;
}

/** What of a Service port a slice is read for. */
interface Asked {
  readonly service: Service;
  readonly port: ServicePort;
  readonly family: Family;
  readonly topology: Topology;
}

/** The number that the port has in a slice, or why nothing of the slice can be used. */
function usablePort(verdict: Verdict, slice: EndpointSlice, { service, port, family }: Asked): number | string {
  const number = unusable(slice, family) ?? portIn(slice, port);
  if (typeof number === "string" || isPort(number)) return number;
  const why = `the port ${number} of its slice is not between 1 and 65535`;
  verdict.problems.push(serviceProblem(service, "bad-port", `EndpointSlice ${slice.name} is left out: ${why}`));
  return why;
}

function judgeSlice(verdict: Verdict, slice: EndpointSlice, asked: Asked): void {
  const port = usablePort(verdict, slice, asked);
  if (typeof port === "string") {
    for (const { address } of slice.endpoints) verdict.left.push({ address, slice: slice.name, why: port });
    return;
  }
  const { family, topology } = asked;
  const { candidates, left, bad } = readSlice(slice, { family, topology, port });
  for (const candidate of candidates) addCandidate(verdict, candidate);
  verdict.left.push(...left);
  if (bad.length === 0) return;
  const shown = `${JSON.stringify(bad[0])}${bad.length > 1 ? ` and ${bad.length - 1} more` : ""}`;
  const message = `EndpointSlice ${slice.name}: not an ${asked.family} address, left out: ${shown}`;
  verdict.problems.push(serviceProblem(asked.service, "bad-address", message));
}

/** Joins all slices of a Service (H2) into the endpoints of one port. Bad entries are left out and told, never thrown. */
export function judge(
  service: Service,
  port: ServicePort,
  slices: readonly EndpointSlice[],
  topology: Topology,
): Judged {
  const verdict: Verdict = { best: new Map(), left: [], problems: [] };
  const family = servedFamily(service, slices);
  for (const slice of slices) judgeSlice(verdict, slice, { service, port, family, topology });
  const found: Endpoint[] = [];
  for (const ofPort of verdict.best.values()) for (const { endpoint } of ofPort.values()) found.push(endpoint);
  found.sort(compareEndpoints);
  const allTerminating = found.length > 0 && found.every(({ health }) => health === "draining");
  const endpoints = allTerminating ? found.map((one): Endpoint => ({ ...one, health: "healthy" })) : found;
  return { endpoints, allTerminating, left: verdict.left, problems: verdict.problems };
}
