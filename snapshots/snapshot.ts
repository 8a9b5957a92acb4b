import type { Model } from "./derive/model.ts";
import type { Problem } from "./problem.ts";
import type { Form } from "./resources/client-kind.ts";
import type { Resource } from "./resources/resource.ts";
import type { Table } from "./table.ts";

/** The resources of one workload that do not depend on who asks, checked and encoded. */
export interface Published {
  readonly listener: Resource;
  readonly route: Resource;
  readonly cluster: Readonly<Record<Form, Resource>>;
}

/** All resources at one moment, consistent with each other, immutable. */
export interface Snapshot {
  readonly model: Model;
  /** By canonical name. A workload that failed its checks keeps its last good entry, or has none. */
  readonly published: Table<Published>;
  /** By `namespace/name` of the Service they are about. */
  readonly problems: Table<readonly Problem[]>;
  /** Canonical names that are gone for good: their assignment is answered empty, so that no client keeps dead addresses (B18). */
  readonly retired: Table<true>;
  /** The suffix of host names, `cluster.local` unless told otherwise. */
  readonly clusterDomain: string;
}
