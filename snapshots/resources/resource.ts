import type { Violation } from "../../gen/validate/runtime.ts";
import type { TypeUrl } from "../type-url.ts";
import { type MessageType, violationsIn } from "./messages.ts";
import { digest } from "./version.ts";

/** One named xDS message of one type, encoded once and shared by every stream that is sent it. */
export interface Resource {
  readonly typeUrl: TypeUrl;
  readonly name: string;
  /** Digest of the content: equal bytes have equal versions, in every process (B14, B15). */
  readonly version: string;
  /** The message, without `Any` around it. */
  readonly bytes: Uint8Array;
}

/** A resource that may be sent, or why its message may not (E18). */
export type Checked =
  | { readonly kind: "passed"; readonly resource: Resource }
  | { readonly kind: "refused"; readonly violations: readonly Violation[] };

/** The version is taken from the very bytes that are sent (B15). */
export const resourceOf = (typeUrl: TypeUrl, name: string, bytes: Uint8Array): Resource => ({
  typeUrl,
  name,
  version: digest(bytes),
  bytes,
});

/** Validates a message with everything packed inside it, then encodes it. */
export function checked<T>(type: MessageType<T, TypeUrl>, name: string, message: T): Checked {
  const violations = violationsIn(type, message);
  if (violations.length > 0) return { kind: "refused", violations };
  return { kind: "passed", resource: resourceOf(type.typeUrl, name, type.encode(message)) };
}
