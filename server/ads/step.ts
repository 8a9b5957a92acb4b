/** The words that both variants share: what happens to a stream's type, what its step may look at, what it answers. */
import type { TypeUrl } from "../../snapshots/type-url.ts";
import type { View } from "../../snapshots/view.ts";
import type { Flight, Outgoing } from "./in-flight.ts";
import type { SubscriptionChange } from "./subscription.ts";

/** Names to look at: some, or (when there would be too many to remember) every one that matters. */
export type Names = readonly string[] | "all";

export type TypeEvent<Request> =
  | ({ readonly kind: "request" } & Request)
  /** Resources of these names may have changed. Without names: what had to wait may go now. */
  | { readonly kind: "changed"; readonly names: Names }
  /** What these depend on was sent anew, so the client waits for them again, even if they did not change (B5). */
  | { readonly kind: "warmed"; readonly names: Names };

/** All that a step may look at. */
export interface Sight {
  readonly typeUrl: TypeUrl;
  readonly view: View;
  /** The nonce of the response, if there is one. */
  readonly nonce: string;
  /** Milliseconds that only grow. */
  readonly now: number;
  /** The client may ask for everything by an empty first list (S36). */
  readonly legacyWildcard: boolean;
  /** False while the transport takes no more: what is due is remembered, not made (E4). */
  readonly writable: boolean;
  /** Other types have something to send or to hear first, so what is gone is not taken away yet (B1, B2). */
  readonly holdRemovals: boolean;
}

/** Every field is always there, so that all steps have one shape: this is made for each request and each push. */
export interface Step<State> {
  readonly state: State;
  readonly verdict: "acked" | "refused" | "stale" | "none";
  /** The response that was answered, for the time it took. */
  readonly flight: Flight | undefined;
  readonly change: SubscriptionChange | undefined;
  /** At most one response's worth; when more is owed, the next step has it. */
  readonly response: Outgoing | undefined;
  /** Names in the response that the client did not have like that: what depends on them is sent again (B5). */
  readonly renewed: readonly string[];
  /** Names left out, since they alone exceed what a client accepts (S23). */
  readonly oversized: readonly string[];
  /** A response that cannot be split exceeds what a client accepts: the stream ends (S14). */
  readonly tooLarge: boolean;
}

export const NO_NAMES: readonly string[] = [];

export const nothing = <State>(state: State): Step<State> => ({
  state,
  verdict: "none",
  flight: undefined,
  change: undefined,
  response: undefined,
  renewed: NO_NAMES,
  oversized: NO_NAMES,
  tooLarge: false,
});

/** More names than this are not kept apart: looking at every name costs less memory. */
const MAX_PENDING = 1024;

export function joinNames(before: Names, more: Names): Names {
  if (before === "all" || more === "all") return "all";
  if (before.length === 0) return more.length > MAX_PENDING ? "all" : more;
  if (more.length === 0) return before;
  return before.length + more.length > MAX_PENDING ? "all" : [...before, ...more];
}
