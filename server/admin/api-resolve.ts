/** The shapes of the question who serves a client of some place, and why. */
import { type Static, Type } from "typebox";
import { count, ProblemAnswer, query, SeenBy, text, viewer } from "./schema.ts";

const percentage = (description: string) => Type.Number({ minimum: 0, maximum: 100, description });

export const ResolveQuery = query({
  ...viewer,
  port: Type.Optional(
    Type.String({ pattern: "^[-a-z0-9]+$", maxLength: 63, description: "number or name; absent: the default port" }),
  ),
});
export type ResolveQuery = Static<typeof ResolveQuery>;
export const ResolveAnswer = Type.Object({
  resourceName: text("canonical: the name of the assignment"),
  seenBy: SeenBy,
  mode: text("how zones share the load"),
  modeFrom: text("what decided the mode"),
  problem: Type.Optional(ProblemAnswer),
  localPercent: Type.Optional(
    percentage("of the requests of these clients, what stays in their zone; absent when that is not known"),
  ),
  localities: Type.Array(
    Type.Object({
      priority: count("0 is used first, the next when the former is down"),
      region: text("empty when not known"),
      zone: text("empty when not known"),
      subZone: Type.Optional(text("of a zone in parts: which part")),
      weight: count("in its priority"),
      percent: percentage("of the requests of these clients while this priority serves"),
      reason: text("why it stands there"),
      endpoints: Type.Array(Type.Object({ address: Type.String(), port: Type.Integer(), health: Type.String() })),
    }),
    { description: "the assignment, by priority; empty when nothing can serve" },
  ),
  zones: Type.Array(
    Type.Object({
      region: text("empty when not known"),
      zone: text("empty when not known"),
      demandPercent: Type.Optional(percentage("of all requests; absent where the mode does not go by it")),
      capacityPercent: percentage("of all that can serve"),
    }),
    { description: "what the zones ask for and what they can serve" },
  ),
  leftOut: Type.Array(
    Type.Object({
      address: Type.String(),
      port: Type.Optional(Type.Integer()),
      why: text("why these clients lack it"),
    }),
  ),
});
export type ResolveAnswer = Static<typeof ResolveAnswer>;
