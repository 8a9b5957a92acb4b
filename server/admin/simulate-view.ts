import { Compile } from "typebox/compile";
import type { NamedMode } from "../../snapshots/derive/model.ts";
import type { KubernetesObject } from "../../snapshots/objects.ts";
import type { Audience } from "../../snapshots/simulate/pushes.ts";
import { type Port, type Side, type Simulation, simulate } from "../../snapshots/simulate/simulate.ts";
import { isFault, type WhatIf } from "../../snapshots/simulate/what-if.ts";
import { shortName } from "../../snapshots/type-url.ts";
import type { Published } from "../current.ts";
import { type SimulateAnswer, SimulateBody } from "./api-simulate.ts";
import { invalidBody } from "./body.ts";
import { type Failure, failure, found, type Outcome } from "./route.ts";
import { cut, optional, percent } from "./shown.ts";

/** What a server that simulates is told of itself. */
export interface Simulating {
  /** One Kubernetes object as JSON, or all that is wrong with it. */
  readonly readObject: (value: unknown) => KubernetesObject | string;
  /** Of Services that ask for none. */
  readonly defaultMode: NamedMode;
}

/** What is simulated upon. */
export interface Scene extends Simulating {
  readonly published: Published;
  readonly audience: Audience;
  /** Milliseconds that only grow. */
  readonly now: number;
}

const check = Compile(SimulateBody);

function whatIfOf(body: unknown, { readObject }: Simulating): WhatIf | Failure {
  if (!check.Check(body)) return invalidBody(SimulateBody, check.Errors(body), body);
  const { objects = [], zonesGone = [], scale = [], clients, services } = body;
  const read = objects.map(readObject);
  const at = read.findIndex((one) => typeof one === "string");
  if (at >= 0) return failure(400, "bad-object", `objects[${at}]: ${cut(String(read[at]))}`);
  return {
    objects: read.filter((one) => typeof one !== "string"),
    zonesGone,
    scale,
    ...optional("clients", clients),
    ...optional("services", services),
  };
}

type SideAnswer = NonNullable<SimulateAnswer["ports"][number]["before"]>;

function sideAnswer({ workload, load }: Side): SideAnswer {
  const { mode, modeFrom } = workload.spec.policy;
  const part = (value: number | undefined): number | undefined => (value === undefined ? undefined : percent(value));
  return {
    mode,
    modeFrom,
    endpoints: workload.endpoints.filter(({ health }) => health === "healthy").length,
    ...optional("crossZonePercent", part(load?.crossZone)),
    ...optional("crossRegionPercent", part(load?.crossRegion)),
    ...optional("mostPercent", part(load?.most)),
    ...optional("leastPercent", part(load?.least)),
    zones: (load?.at ?? []).map(({ zone, endpoints, load: own }) => ({
      ...zone,
      endpoints,
      loadPercent: percent(own),
    })),
    flow: (load?.from ?? []).map(({ zone, demand, to }) => ({
      from: { ...zone },
      demandPercent: percent(demand),
      to: to.map((one) => ({ ...one.zone, percent: percent(one.part) })),
    })),
  };
}

const portAnswer = ({ spec, before, after, isChanged, pushedTo, notes }: Port): SimulateAnswer["ports"][number] => ({
  resourceName: spec.cluster,
  changed: isChanged,
  pushedTo,
  notes: [...notes],
  ...optional("before", before && sideAnswer(before)),
  ...optional("after", after && sideAnswer(after)),
});

const answerOf = ({ ports, passedOver, problems, pushes }: Simulation, connected: number): SimulateAnswer => ({
  ports: ports.map(portAnswer),
  passedOver,
  problems: problems.map(({ object, code, message }) => ({ object, code, message })),
  connected,
  pushes: {
    streams: pushes.streams,
    byType: [...pushes.byType].map(([typeUrl, streams]) => ({ type: shortName(typeUrl), streams })),
  },
});

/** What would be served if it were as the body says. Nothing of what is served changes. */
export function simulation(scene: Scene, body: unknown): Outcome<SimulateAnswer> {
  const whatIf = whatIfOf(body, scene);
  if ("kind" in whatIf) return whatIf;
  const { published, audience, now, defaultMode } = scene;
  const simulated = simulate({ ...published, audience, now, defaultMode }, whatIf);
  if (!isFault(simulated)) return found(answerOf(simulated, audience.size));
  const { code, message, allowed, nearest } = simulated;
  return failure(400, code, message, { ...optional("allowed", allowed), ...optional("nearest", nearest) });
}
