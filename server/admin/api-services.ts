/** The shapes of the questions about Services. */
import { type Static, Type } from "typebox";
import { count, listed, ProblemAnswer, page, query, seconds, text, texts, ZoneName } from "./schema.ts";

export const ServicesQuery = query({ ...page(1000), namespace: Type.Optional(Type.String({ maxLength: 253 })) });
export const ServicesAnswer = Type.Object({
  ...listed,
  services: Type.Array(
    Type.Object({
      namespace: Type.String(),
      name: Type.String(),
      ports: Type.Array(Type.Object({ port: Type.Integer(), name: text("empty when it has none") })),
      notServed: Type.Optional(text("why no client can have it")),
      resourceNames: texts("canonical names, one for each port"),
      endpoints: Type.Object({
        in: count("that may be sent to clients, over all ports"),
        out: count("that are in a slice and left out"),
      }),
      clients: count("streams that ask for one of its assignments"),
      problems: count("see the Service itself"),
    }),
  ),
});
export type ServicesAnswer = Static<typeof ServicesAnswer>;

const PortAnswer = Type.Object({
  port: Type.Integer(),
  name: text("empty when it has none"),
  appProtocol: Type.Optional(Type.String()),
  resourceName: text("canonical: the name of its route, cluster and assignment"),
  listenerNames: texts("every name that a client may dial to come here"),
  policy: Type.Object({
    mode: Type.String(),
    modeFrom: text("what decided the mode"),
    rule: Type.Object(
      {
        tolerance: Type.Number({ minimum: 0, description: "how far above its fair share an endpoint may be loaded" }),
        minZoneEndpoints: count("of a zone that serves its own clients first"),
      },
      { description: "what mode weighted goes by" },
    ),
    demandSource: Type.Object({ kind: text("clients: told from their streams; static: said by the Service") }),
    picker: text("two-choices, round-robin or ring-hash"),
    hashHeader: Type.Optional(text("the request header that ring-hash hashes")),
    timeoutMs: Type.Optional(count("milliseconds that one RPC may take, streaming ones included")),
    retry: Type.Optional(
      Type.Object({
        on: texts("codes of failures that are tried again"),
        attempts: count("in all, the first included"),
        backoffMs: Type.Object({ base: count("before the second attempt"), max: count("before any") }),
      }),
    ),
    maxRequests: Type.Optional(count("at once, from one client process")),
    outliers: Type.Optional(
      Type.Object(
        {
          failurePercent: count("of its requests in one interval, for an endpoint to be ejected"),
          minRequests: count("in one interval, for an endpoint to be judged"),
          minEndpoints: count("with as many requests, for any to be judged"),
          intervalMs: count("milliseconds"),
          ejectionMs: count("milliseconds, the first time"),
          maxEjectedPercent: count("of the endpoints"),
        },
        { description: "when a client leaves an endpoint alone for a while" },
      ),
    ),
    warmUpMs: Type.Optional(count("milliseconds in which an endpoint that is new comes to its full share")),
  }),
  goneSeconds: Type.Optional(seconds("since the Service or the port was removed; it is served for the removal grace")),
  allTerminating: Type.Boolean({ description: "none is ready, so those that terminate are used" }),
  clients: count("streams that ask for its assignment"),
  zones: Type.Array(
    Type.Object({
      region: Type.String(),
      zone: Type.String(),
      endpoints: Type.Array(
        Type.Object({
          address: Type.String(),
          port: Type.Integer(),
          node: Type.Optional(Type.String()),
          health: Type.String(),
          why: text("why it is in"),
        }),
      ),
    }),
  ),
  leftOut: Type.Array(
    Type.Object({
      address: Type.String(),
      port: Type.Optional(Type.Integer()),
      slice: Type.String(),
      why: text("why it is out"),
    }),
  ),
  flow: Type.Array(
    Type.Object({
      from: ZoneName,
      demandPercent: Type.Number({ minimum: 0, maximum: 100, description: "of all requests, from these clients" }),
      to: Type.Array(
        Type.Object({ region: Type.String(), zone: Type.String(), percent: Type.Number({ minimum: 0, maximum: 100 }) }),
      ),
    }),
    { description: "for each zone of clients, the part of their requests that each zone serves" },
  ),
});

export const ServiceParams = Type.Object({ namespace: Type.String(), name: Type.String() });
export const ServiceAnswer = Type.Object({
  namespace: Type.String(),
  name: Type.String(),
  notServed: Type.Optional(text("why no client can have it")),
  ports: Type.Array(PortAnswer),
  problems: Type.Array(ProblemAnswer),
});
export type ServiceAnswer = Static<typeof ServiceAnswer>;
