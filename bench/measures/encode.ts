import { emptyStore, reduce } from "../../server/sources/store.ts";
import { type Assignable, assignmentFor } from "../../snapshots/assignments.ts";
import type { ZoneClass } from "../../snapshots/balance/zone.ts";
import { derive } from "../../snapshots/derive/derive.ts";
import { type Endpoint, emptyModel, type Workload } from "../../snapshots/derive/model.ts";
import { publish } from "../../snapshots/published.ts";
import { type Figure, median } from "../figure.ts";
import { FEEDS, firstRead } from "../serving/memory-source.ts";
import type { Size } from "../size.ts";
import { nameOf, objectsOf, zoneName } from "../world.ts";

const ENDPOINTS = 1000;
const WARM_UP_ROUNDS = 200;
const AIM_MS = 0.3;

const ZONE_CLASS: ZoneClass = { kind: "known", zone: { region: "bench", zone: zoneName(0) } };

/** A Service as it comes out of the real derivation. */
function firstWorkload(): Workload {
  const { store } = reduce(emptyStore(FEEDS), firstRead(objectsOf({ services: 1, endpoints: ENDPOINTS })));
  const { model } = derive(
    {
      objects: store.objects,
      touched: { services: new Set(), topology: true, all: true },
      demand: () => new Map(),
      demandTouched: new Set(),
      now: 0,
      settings: { removalGraceMs: 0 },
    },
    emptyModel,
  );
  const workload = model.workloads.get(nameOf(0));
  if (workload === undefined) throw new Error("nothing was derived");
  return workload;
}

function clusterOf({ spec }: Workload): Assignable["cluster"] {
  const published = publish(spec, undefined);
  if ("cluster" in published) return published.cluster;
  throw new Error(`refused: ${JSON.stringify(published)}`);
}

/** Milliseconds for one assignment of a workload that was never seen. */
function encodeMs(workload: Workload, cluster: Assignable["cluster"]): number {
  const start = performance.now();
  const resource = assignmentFor({ workload, cluster }, ZONE_CLASS, "grpc");
  const ms = performance.now() - start;
  if (resource === undefined || resource.bytes.length < ENDPOINTS) throw new Error("no assignment was made");
  return ms;
}

const oneNew = (endpoints: readonly Endpoint[], round: number): readonly Endpoint[] =>
  endpoints.map((endpoint, i) => (i === 0 ? { ...endpoint, port: 1000 + round } : endpoint));

const allNew = (endpoints: readonly Endpoint[]): readonly Endpoint[] => endpoints.map((endpoint) => ({ ...endpoint }));

/** Plan, checks, bytes and version of one assignment, when one endpoint is new and when all are. */
export async function encode({ rounds }: Size): Promise<readonly Figure[]> {
  const workload = firstWorkload();
  const cluster = clusterOf(workload);
  const measure = (next: (endpoints: readonly Endpoint[], round: number) => readonly Endpoint[]): number => {
    const times = Array.from({ length: WARM_UP_ROUNDS + rounds }, (_, round) =>
      encodeMs({ ...workload, endpoints: next(workload.endpoints, round) }, cluster),
    );
    return median(times.slice(WARM_UP_ROUNDS));
  };
  const what = `an assignment of ${ENDPOINTS} endpoints`;
  return [
    { what: `${what}, one of them new`, value: measure(oneNew), unit: "ms", aim: AIM_MS },
    { what: `${what}, all of them new`, value: measure(allNew), unit: "ms", aim: AIM_MS },
  ];
}
