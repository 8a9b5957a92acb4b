import type { Ending } from "./ending.ts";
import type { Places } from "./places.ts";

/** A stream as its server sees it. */
export interface OpenStream {
  readonly peer: string;
  /** The address, in its canonical form, that tells where its client is when the client does not. */
  readonly address: string | undefined;
  /** Ends the call, once. */
  end(ending: Ending): void;
  /** Its client has taken nothing of what was written since then; milliseconds that only grow. */
  readonly stuckSince: number | undefined;
  /** Its client owes the answer to a response that was made before then. */
  owesSince(moment: number): boolean;
  /** Lets go what waited for time to pass. */
  tick(): void;
  /** Nodes or slices have changed: a client that is of another zone by them is sent the assignments of that zone. */
  relocate(places: Places): void;
}
