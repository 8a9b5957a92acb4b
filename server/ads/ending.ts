import { status } from "@grpc/grpc-js";

/** Every way in which the server ends a stream. S30: for its own reasons only with OK or UNAVAILABLE. */
const ENDINGS = {
  "client closed": status.OK,
  "the request cannot be decoded": status.INVALID_ARGUMENT,
  "the first request has no node": status.INVALID_ARGUMENT,
  "the request has no type_url": status.INVALID_ARGUMENT,
  "a resource name is too long": status.INVALID_ARGUMENT,
  "node.id has more than 1,024 characters": status.INVALID_ARGUMENT,
  "node.cluster has more than 1,024 characters": status.INVALID_ARGUMENT,
  "node.user_agent_name has more than 1,024 characters": status.INVALID_ARGUMENT,
  "node.user_agent_version has more than 1,024 characters": status.INVALID_ARGUMENT,
  "node.locality has a name of more than 1,024 characters": status.INVALID_ARGUMENT,
  "node.metadata has a name of more than 1,024 characters": status.INVALID_ARGUMENT,
  "node.client_features has more than 256 entries": status.INVALID_ARGUMENT,
  "node.client_features has an entry of more than 256 characters": status.INVALID_ARGUMENT,
  "too many requests per second": status.RESOURCE_EXHAUSTED,
  "too many resource names": status.RESOURCE_EXHAUSTED,
  "the complete set exceeds what a response may have: use delta, or ask for fewer names": status.RESOURCE_EXHAUSTED,
  "the client does not read": status.UNAVAILABLE,
  "the server is draining": status.UNAVAILABLE,
  "internal error": status.INTERNAL,
} as const;
export type Ending = keyof typeof ENDINGS;

export const statusOf = (ending: Ending) => ({ code: ENDINGS[ending], details: ending });
