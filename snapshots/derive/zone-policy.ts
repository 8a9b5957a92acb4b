/** What a Service wants of zones: fields of Kubernetes and annotations of ours. */
import type { Service } from "../objects.ts";
import { type Annotation, type AnnotationReader, type Found, wordOf } from "./annotations.ts";
import type { DemandSource, NamedMode, SaidDemand, ZonePolicy } from "./model.ts";
import { serviceProblem } from "./service-problem.ts";

/** Modes that an annotation, or the server's default, may name. */
export const NAMED_MODES: readonly NamedMode[] = ["weighted", "spread", "prefer", "prefer-node", "filter"];

const ZONE_MODE: Annotation<NamedMode> = { key: "zone-mode", inherited: true, ...wordOf(NAMED_MODES) };

const MOST_TOLERANCE = 10;

/** `20%` or `0.2`. A bare 20 would be 2000 % and is refused, since it was hardly meant. */
const TOLERANCE: Annotation<number> = {
  key: "zone-tolerance",
  inherited: true,
  allowed: "from 0% to 1000%, such as 20% or 0.2",
  parse: (text) => {
    const [, digits, percent] = /^(\d+(?:\.\d+)?)(%?)$/.exec(text) ?? [];
    const value = Number(digits) / (percent === "%" ? 100 : 1);
    return value <= MOST_TOLERANCE ? value : undefined;
  },
};

const MOST_MIN_ENDPOINTS = 1_000_000;

const MIN_ENDPOINTS: Annotation<number> = {
  key: "min-zone-endpoints",
  inherited: true,
  allowed: `an integer from 1 to ${MOST_MIN_ENDPOINTS}`,
  parse: (text) => {
    const value = Number(text);
    return /^\d+$/.test(text) && value >= 1 && value <= MOST_MIN_ENDPOINTS ? value : undefined;
  },
};

const SAID = /^(?:([\w.-]+)\/)?([\w.-]+)\s*=\s*(\d{1,12}(?:\.\d+)?)$/;

function saidIn(text: string): readonly SaidDemand[] {
  const [, region, zone, part] = SAID.exec(text.trim()) ?? [];
  return zone === undefined ? [] : [{ ...(region === undefined ? {} : { region }), zone, part: Number(part) }];
}

const DEMAND: Annotation<DemandSource> = {
  key: "demand",
  inherited: true,
  allowed: "zones and their parts on any scale, each zone once, such as a=50,b=30 or eu/a=50,us/b=30",
  parse: (text) => {
    const entries = text.split(",");
    const zones = entries.flatMap(saidIn);
    const names = new Set(zones.map(({ region = "", zone }) => `${region}/${zone}`));
    const isWhole = names.size === entries.length && zones.some(({ part }) => part > 0);
    return isWhole ? { kind: "static", zones } : undefined;
  },
};

export const ZONE_ANNOTATIONS: readonly Annotation<unknown>[] = [ZONE_MODE, TOLERANCE, MIN_ENDPOINTS, DEMAND];

const TOPOLOGY_MODE = "service.kubernetes.io/topology-mode";
/** Older and deprecated; it wins where both are set, as in Kubernetes. */
const AWARE_HINTS = "service.kubernetes.io/topology-aware-hints";

type Mode = Found<ZonePolicy["mode"]>;

/** Only `Auto` asks for something; what Kubernetes does not know either is a problem. */
function topologyMode({ annotations }: Service, reader: AnnotationReader): Mode | undefined {
  const name = annotations[AWARE_HINTS] === undefined ? TOPOLOGY_MODE : AWARE_HINTS;
  const text = annotations[name];
  if (text === undefined || text === "Disabled" || text === "disabled") return undefined;
  if (text === "Auto" || text === "auto") return { value: "hints", from: `annotation ${name}` };
  reader.complain(`${name} is ${JSON.stringify(text)} and is ignored; it may be Auto, Disabled`);
  return undefined;
}

/** Older servers of Kubernetes say PreferClose for what is now PreferSameZone. */
const DISTRIBUTIONS: ReadonlyMap<string, NamedMode> = new Map([
  ["PreferSameZone", "prefer"],
  ["PreferSameNode", "prefer-node"],
  ["PreferClose", "prefer"],
]);

function distribution(service: Service, reader: AnnotationReader): Mode | undefined {
  const { trafficDistribution: text } = service;
  if (text === undefined) return undefined;
  const value = DISTRIBUTIONS.get(text);
  if (value !== undefined) return { value, from: `trafficDistribution ${text}` };
  const known = [...DISTRIBUTIONS.keys()].join(", ");
  const message = `trafficDistribution is ${JSON.stringify(text)} and is ignored; it may be ${known}`;
  reader.problems.push(serviceProblem(service, "bad-field", message));
  return undefined;
}

/** All who may say the mode, the strongest first. Each is read, so that what is wrong is told even where it does not count. */
function modeOf(service: Service, reader: AnnotationReader, defaultMode: NamedMode): Mode {
  const local = { value: "local", from: "internalTrafficPolicy Local" } as const;
  const said: readonly (Mode | undefined)[] = [
    service.internalTrafficPolicy === "Local" ? local : undefined,
    reader.own(ZONE_MODE),
    topologyMode(service, reader),
    distribution(service, reader),
    reader.inherited(ZONE_MODE),
  ];
  return said.find((mode) => mode !== undefined) ?? { value: defaultMode, from: "default" };
}

export function zonePolicy(service: Service, reader: AnnotationReader, defaultMode: NamedMode): ZonePolicy {
  const { value: mode, from: modeFrom } = modeOf(service, reader, defaultMode);
  return {
    mode,
    modeFrom,
    rule: {
      tolerance: reader.read(TOLERANCE)?.value ?? 0,
      minZoneEndpoints: reader.read(MIN_ENDPOINTS)?.value ?? 1,
    },
    demandSource: reader.read(DEMAND)?.value ?? { kind: "clients" },
  };
}
