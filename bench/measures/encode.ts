import { emptyStore, reduce } from "../../server/sources/store.ts";
import { type Assignable, assignmentFor } from "../../snapshots/assignments.ts";
import type { ZoneClass } from "../../snapshots/balance/zone.ts";
import type { Endpoint } from "../../snapshots/derive/model.ts";
import type { Snapshot } from "../../snapshots/snapshot.ts";
import { wholeSnapshot } from "../../snapshots/whole.ts";
import { type Figure, median } from "../figure.ts";
import { FIRST_SERVICE } from "../processes.ts";
import { FEEDS, firstRead } from "../serving/memory-source.ts";
import type { Size } from "../size.ts";
import { nameOf, objectsOf, zoneName } from "../world.ts";

const ENDPOINTS = 1000;
const WARM_UP_ROUNDS = 200;
const AIM_MS = 0.3;

const ZONE_CLASS: ZoneClass = { kind: "known", zone: { region: "bench", zone: zoneName(0) } };

/** A Service as it comes out of the real derivation. */
function firstSnapshot(): Snapshot {
  const { store } = reduce(emptyStore(FEEDS), firstRead(objectsOf({ services: 1, endpoints: ENDPOINTS })));
  return wholeSnapshot(store.objects);
}

function assignableIn({ workloads, published }: Snapshot): Assignable {
  const workload = workloads.get(nameOf(FIRST_SERVICE));
  const cluster = published.get(nameOf(FIRST_SERVICE))?.cluster;
  if (workload === undefined || cluster === undefined) throw new Error("nothing was published");
  return { workload, cluster };
}

/** Milliseconds for one assignment of a workload that was never seen. */
function encodeMs(assignable: Assignable): number {
  const start = performance.now();
  const resource = assignmentFor(assignable, ZONE_CLASS, "grpc");
  const ms = performance.now() - start;
  if (resource === undefined || resource.bytes.length < ENDPOINTS) throw new Error("no assignment was made");
  return ms;
}

const oneNew = (endpoints: readonly Endpoint[], round: number): readonly Endpoint[] =>
  endpoints.map((endpoint, i) => (i === 0 ? { ...endpoint, port: 1000 + round } : endpoint));

const allNew = (endpoints: readonly Endpoint[]): readonly Endpoint[] => endpoints.map((endpoint) => ({ ...endpoint }));

/** Plan, checks, bytes and version of one assignment, when one endpoint is new and when all are. */
export async function encode({ rounds }: Size): Promise<readonly Figure[]> {
  const { workload, cluster } = assignableIn(firstSnapshot());
  const measure = (next: (endpoints: readonly Endpoint[], round: number) => readonly Endpoint[]): number => {
    const times = Array.from({ length: WARM_UP_ROUNDS + rounds }, (_, round) =>
      encodeMs({ workload: { ...workload, endpoints: next(workload.endpoints, round) }, cluster }),
    );
    return median(times.slice(WARM_UP_ROUNDS));
  };
  const what = `an assignment of ${ENDPOINTS} endpoints`;
  return [
    { what: `${what}, one of them new`, value: measure(oneNew), unit: "ms", aim: AIM_MS },
    { what: `${what}, all of them new`, value: measure(allNew), unit: "ms", aim: AIM_MS },
  ];
}
