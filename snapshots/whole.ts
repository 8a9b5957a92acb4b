import { derive } from "./derive/derive.ts";
import { emptyModel } from "./derive/model.ts";
import type { Objects } from "./objects.ts";
import { nextSnapshot, type Snapshot } from "./snapshot.ts";

/** The snapshot of a server that has just read these objects, all at once and with the defaults, before any client came. */
export function wholeSnapshot(objects: Objects): Snapshot {
  const { model, changed } = derive(
    {
      objects,
      touched: { services: new Set(), topology: true, all: true },
      demand: () => new Map(),
      demandTouched: new Set(),
      now: 0,
      settings: { removalGraceMs: 0 },
    },
    emptyModel,
  );
  return nextSnapshot(model, changed, undefined, { clusterDomain: "cluster.local" });
}
