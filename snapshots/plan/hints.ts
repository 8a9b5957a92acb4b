/** The hints in the slices, by kube-proxy's rule. */
import type { Zone, ZoneClass } from "../balance/zone.ts";
import type { Endpoint } from "../derive/model.ts";
import { everyone, type Level } from "./levels.ts";

/** Whose clients some endpoint is hinted for. */
interface Hinted {
  readonly nodes: ReadonlySet<string>;
  readonly zones: ReadonlySet<string>;
}

const NOBODY: ReadonlySet<string> = new Set();

/** All that is hinted; nothing when there is an endpoint without hint, which switches the level off for everybody. */
const hintedIn = (hints: readonly (readonly string[])[]): ReadonlySet<string> =>
  hints.every((names) => names.length > 0) ? new Set(hints.flat()) : NOBODY;

const known = new WeakMap<readonly Endpoint[], Hinted>();

/** Over ready endpoints alone. Looked up at every request of every stream, so it is kept with the endpoints. */
function hintedBy(endpoints: readonly Endpoint[]): Hinted {
  const before = known.get(endpoints);
  if (before !== undefined) return before;
  const ready = endpoints.filter(({ health }) => health === "healthy");
  const hinted = {
    nodes: hintedIn(ready.map(({ hintedNodes = [] }) => hintedNodes)),
    zones: hintedIn(ready.map(({ hintedZones = [] }) => hintedZones)),
  };
  known.set(endpoints, hinted);
  return hinted;
}

/** A client as its hints are looked up: by its node if one names it, else by the name of its zone, else not at all. */
export function hintedClass(endpoints: readonly Endpoint[], zoneClass: ZoneClass): ZoneClass | undefined {
  const { nodes, zones } = hintedBy(endpoints);
  const { node } = zoneClass;
  if (node !== undefined && nodes.has(node)) return { kind: "unknown", node };
  const zone = zoneClass.kind === "known" ? zoneClass.zone.zone : "";
  return zones.has(zone) ? { kind: "known", zone: { region: "", zone } } : undefined;
}

/** Of one zone some endpoints may be hinted for a client and others not. */
const subZone = "hinted";

const forNode = (own: string | undefined): Level => ({
  subZone,
  reason: "hinted for own node",
  has: ({ hintedNodes = [] }) => hintedNodes.some((node) => node === own),
});

const forZone = (own: Zone): Level => ({
  subZone,
  reason: "hinted for own zone",
  has: ({ hintedZones = [] }) => hintedZones.includes(own.zone),
});

/** Those that are hinted for clients of a class that `hintedClass` made, then the others. */
export const hintedFirst = (zone: Zone | undefined, node: string | undefined): readonly Level[] => [
  zone === undefined ? forNode(node) : forZone(zone),
  everyone("hinted for other clients"),
];
