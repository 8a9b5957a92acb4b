/** The shapes of the question what would be if something were otherwise. */
import { type Static, Type } from "typebox";
import { count, ProblemAnswer, TypeName, text, texts, ZoneName } from "./schema.ts";

const serviceKey = (description = "namespace/name") =>
  Type.String({ pattern: "^[-a-z0-9.]+/[-a-z0-9.]+$", maxLength: 317, description });
const zone = (description: string) => Type.String({ minLength: 1, maxLength: 507, description });
const percentage = (description: string) => Type.Number({ minimum: 0, maximum: 100, description });

export const SimulateBody = Type.Object(
  {
    objects: Type.Optional(
      Type.Array(Type.Unknown(), {
        maxItems: 200,
        description: "Services, EndpointSlices, Nodes and Namespaces to add, or in the place of those of their name",
      }),
    ),
    zonesGone: Type.Optional(
      Type.Array(zone("zone or region/zone"), {
        maxItems: 100,
        description: "zones whose endpoints and clients are gone",
      }),
    ),
    scale: Type.Optional(
      Type.Array(
        Type.Object(
          {
            service: serviceKey(),
            zone: Type.Optional(zone("zone or region/zone; of a Service that stands in one, that if absent")),
            to: Type.Integer({ minimum: 0, maximum: 2000, description: "ready endpoints in that zone" }),
          },
          { additionalProperties: false },
        ),
        { maxItems: 100, description: "how many endpoints Services are to have" },
      ),
    ),
    clients: Type.Optional(
      Type.Record(Type.String(), Type.Integer({ minimum: 0, maximum: 1_000_000 }), {
        maxProperties: 1000,
        description: "streams by zone or region/zone, in the place of those that are connected",
      }),
    ),
    services: Type.Optional(
      Type.Array(serviceKey(), {
        maxItems: 200,
        description: "look at these alone, and at those that are scaled; without it at all that are touched",
      }),
    ),
  },
  { additionalProperties: false },
);
export type SimulateBody = Static<typeof SimulateBody>;

const SideAnswer = Type.Object({
  mode: text("how zones share the load"),
  modeFrom: text("what decided the mode"),
  endpoints: count("that are ready"),
  crossZonePercent: Type.Optional(percentage("of all requests, what leaves the zone of its client")),
  crossRegionPercent: Type.Optional(percentage("of all requests, what leaves the region of its client")),
  mostPercent: Type.Optional(Type.Number({ minimum: 0, description: "the load of the endpoint with most, see zones" })),
  leastPercent: Type.Optional(Type.Number({ minimum: 0, description: "the load of the endpoint with least" })),
  zones: Type.Array(
    Type.Object({
      region: text("empty when not known"),
      zone: text("empty when not known"),
      endpoints: count("that are ready"),
      loadPercent: Type.Number({
        minimum: 0,
        description: "of one of them, on average; 100: what each would have if all had the same",
      }),
    }),
  ),
  flow: Type.Array(
    Type.Object({
      from: ZoneName,
      demandPercent: percentage("of all requests, from these clients"),
      to: Type.Array(
        Type.Object({ region: Type.String(), zone: Type.String(), percent: percentage("of their requests") }),
      ),
    }),
    {
      description:
        "for each zone of clients, the part of their requests that each zone serves; empty where nothing is ready, and in mode local",
    },
  ),
});

export const SimulateAnswer = Type.Object({
  ports: Type.Array(
    Type.Object({
      resourceName: text("canonical: the name of its route, cluster and assignment"),
      changed: Type.Boolean({ description: "whether anything of it would be otherwise" }),
      pushedTo: count("streams that would be sent something under this name"),
      notes: texts("what the figures do not tell"),
      before: Type.Optional(SideAnswer),
      after: Type.Optional(SideAnswer),
    }),
    { description: "of every Service that was looked at; without before or after, it is not served then" },
  ),
  passedOver: count("other Services that are touched and were not looked at, as services says"),
  problems: Type.Array(ProblemAnswer, { description: "that there would be and are not now" }),
  connected: count("streams there are now"),
  pushes: Type.Object({
    streams: count("that would be sent anything"),
    byType: Type.Array(Type.Object({ type: TypeName, streams: count("that would be sent such a resource") })),
  }),
});
export type SimulateAnswer = Static<typeof SimulateAnswer>;
