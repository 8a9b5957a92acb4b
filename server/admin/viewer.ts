/** The client for which something is asked. */
import type { ZoneClass } from "../../snapshots/balance/zone.ts";
import type { Whereabouts } from "../../snapshots/derive/topology.ts";
import type { SnapshotAnswer, SnapshotQuery } from "./api.ts";
import { type Failure, failure } from "./route.ts";
import { optional } from "./shown.ts";

export const seenBy = (kind: SnapshotQuery["kind"], zoneClass: ZoneClass): SnapshotAnswer["seenBy"] => ({
  kind,
  ...optional("zone", zoneClass.kind === "known" ? { ...zoneClass.zone } : undefined),
  ...optional("node", zoneClass.node),
});

/** What is wrong with a place that has a region and no zone; undefined for any other. */
export const regionAlone = ({ region, zone }: Whereabouts): Failure | undefined =>
  region !== undefined && zone === undefined
    ? failure(400, "bad-value", "region is only of use together with zone")
    : undefined;
