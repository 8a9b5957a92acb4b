import { compare } from "../../snapshots/order.ts";
import type { TypeUrl } from "../../snapshots/type-url.ts";
import type { TypeStatus } from "../roster.ts";
import type { TypeState, Variant } from "./variant.ts";

/** One type of a stream, for people. `wallOffset` turns the stream's times into milliseconds since the epoch. */
export function statusOfType<State extends TypeState>(
  typeUrl: TypeUrl,
  variant: Pick<Variant<never, State>, "isResolved" | "versions">,
  state: State,
  wallOffset: number,
): TypeStatus {
  const { subscription, inFlight } = state;
  const names = [...subscription.names.keys()].sort(compare);
  const { sent, acked } = variant.versions(state);
  const { refused } = inFlight;
  return {
    typeUrl,
    wildcard: subscription.wildcard,
    names,
    ...(inFlight.sent && sent !== undefined && { sentVersion: sent, sentAt: inFlight.sent.at + wallOffset }),
    ...(inFlight.acked && acked !== undefined && { ackedVersion: acked, ackedAt: inFlight.acked.at + wallOffset }),
    ...(refused && { refused: { ...refused, at: refused.at + wallOffset } }),
    unresolved: names.filter((name) => !variant.isResolved(state, name)),
  };
}
