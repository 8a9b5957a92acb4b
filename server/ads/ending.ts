import { STATUS, type Status } from "../grpc/status.ts";

/** Every way in which the server ends a stream. S30: for its own reasons only with OK or UNAVAILABLE. */
const ENDINGS = {
  "client closed": STATUS.OK,
  "the request cannot be decoded": STATUS.INVALID_ARGUMENT,
  "the first request has no node": STATUS.INVALID_ARGUMENT,
  "the request has no type_url": STATUS.INVALID_ARGUMENT,
  "a resource name is too long": STATUS.INVALID_ARGUMENT,
  "node.id has more than 1,024 characters": STATUS.INVALID_ARGUMENT,
  "node.cluster has more than 1,024 characters": STATUS.INVALID_ARGUMENT,
  "node.user_agent_name has more than 1,024 characters": STATUS.INVALID_ARGUMENT,
  "node.user_agent_version has more than 1,024 characters": STATUS.INVALID_ARGUMENT,
  "node.locality has a name of more than 1,024 characters": STATUS.INVALID_ARGUMENT,
  "node.metadata has a name of more than 1,024 characters": STATUS.INVALID_ARGUMENT,
  "node.client_features has more than 256 entries": STATUS.INVALID_ARGUMENT,
  "node.client_features has an entry of more than 256 characters": STATUS.INVALID_ARGUMENT,
  "too many requests per second": STATUS.RESOURCE_EXHAUSTED,
  "too many resource names": STATUS.RESOURCE_EXHAUSTED,
  "the complete set exceeds what a response may have: use delta, or ask for fewer names": STATUS.RESOURCE_EXHAUSTED,
  "the client does not read": STATUS.UNAVAILABLE,
  "the server is draining": STATUS.UNAVAILABLE,
  "internal error": STATUS.INTERNAL,
} as const;
export type Ending = keyof typeof ENDINGS;

export const statusOf = (ending: Ending): Status => ({ code: ENDINGS[ending], details: ending });
