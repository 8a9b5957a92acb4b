import { SEND_ORDER, type TypeUrl } from "../../snapshots/type-url.ts";
import type { Ending } from "./ending.ts";
import { excessOfNode } from "./node-limits.ts";
import type { Incoming, TypeState, Variant } from "./variant.ts";

export interface IntakeRules {
  /** The type of a per-type service, where requests need not say it (S29). */
  readonly only: TypeUrl | undefined;
  /** The first request says who the client is (S1). */
  readonly isFirst: boolean;
  readonly maxNames: number;
}

const MAX_NAME_CHARACTERS = 2048;

/** What a request's bytes ask for, or why they end the stream (E3). */
export function takeIn<Request, State extends TypeState>(
  variant: Variant<Request, State>,
  bytes: Buffer,
  rules: IntakeRules,
): Incoming<Request> | Ending {
  let incoming: Incoming<Request>;
  try {
    incoming = variant.decode(bytes);
  } catch {
    return "the request cannot be decoded"; // bytes from outside that are no message: the client's mistake
  }
  return refusal(incoming, variant.anonymous, rules) ?? incoming;
}

function refusal(incoming: Incoming<unknown>, anonymous: boolean, { only, isFirst, maxNames }: IntakeRules) {
  const { typeUrl, node, names } = incoming;
  if (typeUrl === "" && only === undefined) return "the request has no type_url";
  if (isFirst && node === undefined && !anonymous) return "the first request has no node";
  if (names.length > maxNames) return "too many resource names";
  if (names.some((name) => name.length > MAX_NAME_CHARACTERS)) return "a resource name is too long";
  return isFirst && node !== undefined ? excessOfNode(node) : undefined; // a later node is not kept
}

/** The type that is meant: on a per-type service its own and no other. Undefined: left unanswered (S28). */
export function typeMeant(typeUrl: string, only: TypeUrl | undefined): TypeUrl | undefined {
  if (only !== undefined) return typeUrl === "" || typeUrl === only ? only : undefined;
  return SEND_ORDER.find((known) => known === typeUrl); // our own string, which compares by identity
}
