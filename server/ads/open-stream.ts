import type { Topology } from "../../snapshots/derive/model.ts";
import type { Ending } from "./ending.ts";

/** A stream as its server sees it. */
export interface OpenStream {
  readonly peer: string;
  /** Ends the call, once. */
  end(ending: Ending): void;
  /** Its client has taken nothing of what was written since then; milliseconds that only grow. */
  readonly stuckSince: number | undefined;
  /** Its client owes the answer to a response that was made before then. */
  owesSince(moment: number): boolean;
  /** Lets go what waited for time to pass. */
  tick(): void;
  /** The Nodes have changed: a client that is of another zone by them is sent the assignments of that zone. */
  relocate(topology: Topology): void;
}
