import type { TypeUrl } from "../type-url.ts";

/** One named xDS message, encoded once and shared by every stream that is sent it. */
export interface Resource {
  readonly typeUrl: TypeUrl;
  readonly name: string;
  /** Digest of the content: equal bytes have equal versions, in every process (B14, B15). */
  readonly version: string;
  /** The message, without `Any` around it. */
  readonly bytes: Uint8Array;
}
