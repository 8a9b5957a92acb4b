import { status } from "@grpc/grpc-js";

/** Every way in which the server ends a stream. S30: for its own reasons only with OK or UNAVAILABLE. */
const ENDINGS = {
  "client closed": status.OK,
  "the request cannot be decoded": status.INVALID_ARGUMENT,
  "the first request has no node": status.INVALID_ARGUMENT,
  "the request has no type_url": status.INVALID_ARGUMENT,
  "a resource name is too long": status.INVALID_ARGUMENT,
  "too many requests per second": status.RESOURCE_EXHAUSTED,
  "too many resource names": status.RESOURCE_EXHAUSTED,
  "the complete set exceeds what a response may have: use delta, or ask for fewer names": status.RESOURCE_EXHAUSTED,
  "the client does not read": status.UNAVAILABLE,
  "the server is draining": status.UNAVAILABLE,
  "internal error": status.INTERNAL,
} as const;
export type Ending = keyof typeof ENDINGS;

export const statusOf = (ending: Ending) => ({ code: ENDINGS[ending], details: ending });
