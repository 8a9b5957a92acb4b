import { changesBetween } from "../changes.ts";
import type { DeriveInput } from "../derive/derive.ts";
import type { Model, PortSpec, Topology, Workload } from "../derive/model.ts";
import { demandFor } from "../derive/service.ts";
import type { ObjectKey } from "../objects.ts";
import type { Problem } from "../problem.ts";
import { nextSnapshot, type Snapshot } from "../snapshot.ts";
import { imagine, type Outcome, type Served } from "./imagine.ts";
import { type Load, loadOf } from "./load.ts";
import { notesOn } from "./notes.ts";
import { type Pushes, pushesBetween } from "./pushes.ts";
import { type Fault, isFault, type WhatIf } from "./what-if.ts";

/** One Service port at one moment. */
export interface Side {
  readonly workload: Workload;
  /** Absent where nothing is ready, and in mode `local`. */
  readonly load?: Load;
}

/** One Service port before and after; absent where it is not served. */
export interface Port {
  readonly spec: PortSpec;
  readonly before?: Side;
  readonly after?: Side;
  readonly isChanged: boolean;
  /** Streams that are sent something under its canonical name. */
  readonly pushedTo: number;
  /** What is not to be seen in the figures, in words for people. */
  readonly notes: readonly string[];
}

export interface Simulation {
  readonly kind: "simulated";
  /** Of every Service that was looked at, by name, then port. */
  readonly ports: readonly Port[];
  /** Services that are touched and were not looked at. */
  readonly passedOver: number;
  /** What would be wrong with these Services and is not now. */
  readonly problems: readonly Problem[];
  readonly pushes: Pushes;
}

function sideOf(workload: Workload | undefined, streams: DeriveInput["demand"], topology: Topology): Side | undefined {
  if (workload === undefined) return undefined;
  const load = loadOf(workload, demandFor({ streams, topology }, workload.spec));
  return { workload, ...(load && { load }) };
}

/** Every port of these Services, as it would be; one that would be gone, as it is. */
function specsOf(services: readonly ObjectKey[], before: Model, after: Model): readonly PortSpec[] {
  return services.flatMap((key) => {
    const specs = [before, after].flatMap((model) => model.services.get(key)?.ports ?? []);
    return [...new Map(specs.map((spec) => [spec.cluster, spec])).values()].toSorted((a, b) => a.port - b.port);
  });
}

const newProblems = (services: readonly ObjectKey[], before: Snapshot, after: Snapshot): readonly Problem[] =>
  services.flatMap((key) => {
    const known = new Set((before.problems.get(key) ?? []).map(({ message }) => message));
    return (after.problems.get(key) ?? []).filter(({ message }) => !known.has(message));
  });

/** What follows the snapshot that is served, of the Services that were looked at. */
function compared(before: Snapshot, after: Snapshot, outcome: Outcome, pushes: Pushes): Simulation {
  const { services, passedOver, imagined, streams } = outcome;
  const portOf = (spec: PortSpec): Port => {
    const [now, then] = [before, after].map(({ workloads }) => workloads.get(spec.cluster));
    const first = sideOf(now, streams.before, before.model.topology);
    const second = sideOf(then, streams.after, after.model.topology);
    return {
      spec,
      ...(first && { before: first }),
      ...(second && { after: second }),
      isChanged: now !== then,
      pushedTo: pushes.byName.get(spec.cluster) ?? 0,
      notes: notesOn(now, then, imagined),
    };
  };
  const ports = specsOf(services, before.model, after.model).map(portOf);
  return { kind: "simulated", ports, passedOver, problems: newProblems(services, before, after), pushes };
}

/**
 * What the server would serve if something were otherwise, beside what it serves. Changes nothing; costs by the Services
 * that are looked at, which are limited.
 */
export function simulate(served: Served, whatIf: WhatIf): Simulation | Fault {
  const outcome = imagine(served, whatIf);
  if (isFault(outcome)) return outcome;
  const { snapshot, audience } = served;
  const { model, changed } = outcome.output;
  const after = nextSnapshot(model, changed, snapshot, snapshot);
  const changes = changesBetween(snapshot, after, changed);
  const pushes = pushesBetween({ before: snapshot, after }, changes, audience, outcome.imagined.zonesGone);
  return compared(snapshot, after, outcome, pushes);
}
