import { nearest } from "../nearest.ts";
import type { Service } from "../objects.ts";
import type { Derived, Problem } from "../problem.ts";
import type { Policy } from "./model.ts";
import { serviceProblem } from "./service-problem.ts";

const PREFIX = "evenkeel.dev/";

type Annotations = Readonly<Record<string, string>>;

/** What each annotation may say; the first value is the default. A hyphen may stand for an underscore. */
const VALUES = {
  enabled: ["true", "false"],
  lb: ["two_choices", "round_robin"],
  "zone-mode": ["weighted", "spread"],
} as const;

type Key = keyof typeof VALUES;
type Value<K extends Key> = (typeof VALUES)[K][number];

const SERVICE_KEYS: readonly Key[] = ["enabled", "lb", "zone-mode"];
const NAMESPACE_KEYS: readonly Key[] = ["lb", "zone-mode"];

/** Annotations of one object, with its name for problems. */
interface Annotated {
  readonly annotations: Annotations;
  /** Before a key, in words: nothing for the Service's own. */
  readonly of: string;
  readonly keys: readonly Key[];
}

/** What the Service and its Namespace say, and where problems go. */
interface Reading {
  readonly service: Service;
  readonly own: Annotated;
  readonly inherited: Annotated;
  readonly problems: Problem[];
}

function complain({ service, problems }: Reading, message: string): void {
  problems.push(serviceProblem(service, "bad-annotation", message));
}

/** The value of an annotation, or undefined where there is none that can be read. */
function valueIn<K extends Key>(reading: Reading, { annotations, of, keys }: Annotated, key: K): Value<K> | undefined {
  const text = keys.includes(key) ? annotations[`${PREFIX}${key}`] : undefined;
  if (text === undefined) return undefined;
  const allowed: readonly Value<K>[] = VALUES[key];
  const value = allowed.find((one) => one === text.replaceAll("-", "_"));
  if (value === undefined) {
    complain(
      reading,
      `${of}${PREFIX}${key} is ${JSON.stringify(text)} and is ignored; it may be ${allowed.join(", ")}`,
    );
  }
  return value;
}

function faultOf(key: string, keys: readonly string[]): string {
  if ((SERVICE_KEYS as readonly string[]).includes(key)) return "works on a Service only";
  const [meant] = nearest(key, keys);
  return meant === undefined
    ? `is not known; known are ${keys.join(", ")}`
    : `is not known; did you mean ${PREFIX}${meant}?`;
}

function complainOfUnknownKeys(reading: Reading, { annotations, of, keys }: Annotated): void {
  for (const name of Object.keys(annotations).toSorted()) {
    const key = name.slice(PREFIX.length);
    if (!name.startsWith(PREFIX) || (keys as readonly string[]).includes(key)) continue;
    complain(reading, `${of}${name} is ignored: it ${faultOf(key, keys)}`);
  }
}

const TOPOLOGY_MODE = "service.kubernetes.io/topology-mode";

/** The default, and what of Kubernetes' own wishes it does not follow: those modes are not there yet. */
function defaultFor({ trafficDistribution, annotations }: Service): string {
  const wishes = [
    ...(trafficDistribution === undefined ? [] : [`trafficDistribution ${trafficDistribution}`]),
    ...(annotations[TOPOLOGY_MODE] === undefined ? [] : [`annotation ${TOPOLOGY_MODE}`]),
  ];
  return wishes.length === 0 ? "default" : `default; not followed yet: ${wishes.join(", ")}`;
}

function modeOf(reading: Reading): Pick<Policy, "mode" | "modeFrom"> {
  const own = valueIn(reading, reading.own, "zone-mode");
  const inherited = valueIn(reading, reading.inherited, "zone-mode");
  if (reading.service.internalTrafficPolicy === "Local")
    return { mode: "local", modeFrom: "internalTrafficPolicy Local" };
  if (own !== undefined) return { mode: own, modeFrom: `annotation ${PREFIX}zone-mode` };
  if (inherited !== undefined) return { mode: inherited, modeFrom: `annotation ${PREFIX}zone-mode of the Namespace` };
  return { mode: VALUES["zone-mode"][0], modeFrom: defaultFor(reading.service) };
}

function pickerOf(reading: Reading): Policy["picker"] {
  const own = valueIn(reading, reading.own, "lb");
  const inherited = valueIn(reading, reading.inherited, "lb");
  return (own ?? inherited) === "round_robin" ? "round-robin" : "two-choices";
}

/** How a Service wants to be served, and whether at all. */
export interface Wish {
  readonly enabled: boolean;
  readonly policy: Policy;
}

/**
 * Reads fields and annotations of a Service, then the annotations of its Namespace, which only give defaults. What
 * cannot be read is a problem and is ignored.
 */
export function wishOf(service: Service, namespaceAnnotations: Annotations): Derived<Wish> {
  const reading: Reading = {
    service,
    own: { annotations: service.annotations, of: "", keys: SERVICE_KEYS },
    inherited: { annotations: namespaceAnnotations, of: `Namespace ${service.namespace}: `, keys: NAMESPACE_KEYS },
    problems: [],
  };
  complainOfUnknownKeys(reading, reading.own);
  complainOfUnknownKeys(reading, reading.inherited);
  const enabled = valueIn(reading, reading.own, "enabled") !== "false";
  const policy = { ...modeOf(reading), picker: pickerOf(reading) };
  return { value: { enabled, policy }, problems: reading.problems };
}
