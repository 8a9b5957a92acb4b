/** What a client can do, told from its node. */
export type ClientKind = "grpc" | "envoy" | "other";

/** What may differ in what is sent. Kinds of one form share the bytes. */
export type Form = "grpc" | "envoy";

export const formOf = (kind: ClientKind): Form => (kind === "envoy" ? "envoy" : "grpc");

/** By prefix of `node.user_agent_name` (clients.md section 2): gRPC names itself with a language, Envoy does not. */
export function clientKind(userAgentName: string): ClientKind {
  if (userAgentName.startsWith("gRPC") || userAgentName === "tonic-xds") return "grpc";
  return userAgentName === "envoy" ? "envoy" : "other";
}
