/** The shapes of every question and answer of the admin API: checked, typed and published from here. */
import { type Static, Type } from "typebox";
import {
  count,
  flag,
  KindName,
  listed,
  ProblemAnswer,
  page,
  query,
  SeenBy,
  seconds,
  TypeName,
  text,
  texts,
  viewer,
} from "./schema.ts";

const StateName = Type.Enum(["in-sync", "stale", "refused", "waiting"], {
  description:
    "in-sync: it acknowledged the newest response, or asks for nothing. stale: it was sent one that it has not answered. refused: its newest answer is a NACK. waiting: it asks and was sent nothing",
});

export const NoQuery = query({});
export const Nothing = Type.Object({}, { additionalProperties: false });

export const ErrorAnswer = Type.Object(
  {
    error: Type.Object({
      code: text("a stable word"),
      message: text("what is wrong, in a sentence"),
      allowed: Type.Optional(texts("what would have been right")),
      nearest: Type.Optional(texts("existing names that look like the one asked for")),
    }),
  },
  { description: "why there is no such answer" },
);
export type ErrorAnswer = Static<typeof ErrorAnswer>;

export const MetricsAnswer = Type.String();
/** Described by itself. */
export const OpenApiAnswer = Type.Record(Type.String(), Type.Unknown());
export const HealthAnswer = Type.Object({ status: Type.Literal("ok") });

export const ReadyQuery = query({ verbose: flag("say why, in detail") });
export const ReadyAnswer = Type.Object({
  status: Type.Enum(["starting", "serving", "draining"]),
  waitingFor: texts("feeds that were never read completely"),
  details: Type.Optional(
    Type.Object({
      xds: Type.Enum(["serving", "not serving"], { description: "whether new streams are answered" }),
      draining: Type.Boolean(),
      lastPublishSeconds: Type.Optional(seconds("since the last publish")),
      sources: Type.Array(
        Type.Object({
          name: Type.String(),
          healthy: Type.Boolean(),
          detail: Type.String(),
          ageSeconds: seconds("since it is so"),
        }),
      ),
      feeds: Type.Array(
        Type.Object({
          source: Type.String(),
          kind: Type.String(),
          ready: Type.Boolean(),
          objects: count("read so far"),
        }),
      ),
    }),
  ),
});
export type ReadyAnswer = Static<typeof ReadyAnswer>;

export const IndexAnswer = Type.Object({
  version: text("of this server"),
  routes: Type.Array(Type.Object({ path: Type.String(), summary: Type.String() })),
});
export type IndexAnswer = Static<typeof IndexAnswer>;

const StreamFields = {
  id: text("of the stream, unique in this server"),
  variant: text("sotw or delta"),
  kind: KindName,
  userAgent: Type.String(),
  zone: Type.Optional(
    Type.Object({ region: Type.String(), zone: Type.String() }, { description: "absent when not known" }),
  ),
  zoneFrom: text(
    "where the zone was found: node.locality, node.metadata.NODE_NAME, its address (in an EndpointSlice, or in the podCIDR of a Node), or unknown",
  ),
  node: Type.Optional(text("the Kubernetes node, where it is known")),
  peer: Type.String(),
  since: Type.String({ format: "date-time" }),
  ageSeconds: seconds("of the stream"),
};

export const ClientsQuery = query({
  ...page(1000),
  kind: Type.Optional(KindName),
  zone: Type.Optional(Type.String({ maxLength: 253, description: "name of a zone, or `unknown`" })),
  state: Type.Optional(StateName),
});
export type ClientsQuery = Static<typeof ClientsQuery>;
export const ClientsAnswer = Type.Object({
  ...listed,
  nodes: Type.Array(
    Type.Object({
      nodeId: text("as clients say it: not unique, never trusted"),
      streams: Type.Array(
        Type.Object({
          ...StreamFields,
          types: Type.Array(
            Type.Object({
              type: TypeName,
              state: StateName,
              ageSeconds: seconds("since it is in that state"),
              names: count("subscribed"),
              unresolved: count("of them, that nobody has"),
            }),
          ),
        }),
      ),
    }),
  ),
});
export type ClientsAnswer = Static<typeof ClientsAnswer>;

const Moment = Type.Object({ version: Type.String(), ageSeconds: seconds("since then") });

export const ClientParams = Type.Object({ id: Type.String() });
export const ClientAnswer = Type.Object({
  ...StreamFields,
  kindInWords: text("what client that is"),
  sentOtherwise: texts("what it is sent otherwise than clients of gRPC are, and why"),
  unfollowed: Type.Array(
    Type.Object({
      cluster: Type.String(),
      annotation: text("of the Service or its Namespace"),
      instead: text("what the client does in its place"),
    }),
    {
      description: "what Services ask for and clients of that kind and version do not do; of the first 1,000 clusters",
    },
  ),
  nodeInfo: Type.Object({
    id: Type.String(),
    cluster: Type.String(),
    userAgentName: Type.String(),
    userAgentVersion: Type.String(),
    features: Type.Array(Type.String()),
    metadata: Type.Record(Type.String(), Type.Unknown(), { description: "values that look secret are masked" }),
  }),
  types: Type.Array(
    Type.Object({
      type: TypeName,
      state: StateName,
      ageSeconds: seconds("since it is in that state"),
      wildcard: Type.Boolean(),
      names: texts("subscribed; at most 1,000 are shown"),
      namesTotal: count("subscribed"),
      unresolved: texts("of them, that nobody has; at most 1,000 are shown"),
      unresolvedTotal: count("of them, that nobody has"),
      sent: Type.Optional(Moment),
      acked: Type.Optional(Moment),
      refused: Type.Optional(
        Type.Object({
          version: Type.String(),
          message: text("the client's words, in full"),
          ageSeconds: seconds("since then"),
        }),
      ),
    }),
  ),
});
export type ClientAnswer = Static<typeof ClientAnswer>;

export const SnapshotQuery = query({
  ...page(1000),
  type: Type.Optional(TypeName),
  name: Type.Optional(Type.String({ maxLength: 1024, description: "a resource name; without it, all canonical ones" })),
  ...viewer,
});
export type SnapshotQuery = Static<typeof SnapshotQuery>;
export const SnapshotAnswer = Type.Object({
  ...listed,
  seenBy: SeenBy,
  problems: Type.Array(ProblemAnswer, {
    description: "what keeps this client from being served as the Services of the assignments shown ask",
  }),
  resources: Type.Array(
    Type.Object({
      type: TypeName,
      name: Type.String(),
      version: text("digest of the content"),
      resource: Type.Record(Type.String(), Type.Unknown(), {
        description: "the message as JSON, with every `Any` in it expanded",
      }),
    }),
  ),
});
export type SnapshotAnswer = Static<typeof SnapshotAnswer>;

export const ProblemsQuery = query({
  ...page(1000),
  code: Type.Optional(Type.String({ maxLength: 253 })),
  namespace: Type.Optional(Type.String({ maxLength: 253 })),
});
export type ProblemsQuery = Static<typeof ProblemsQuery>;
export const ProblemsAnswer = Type.Object({
  ...listed,
  problems: Type.Array(
    Type.Object({
      ...ProblemAnswer.properties,
      source: text("who found it: a source, or `snapshot` for what its objects mean"),
    }),
  ),
});
export type ProblemsAnswer = Static<typeof ProblemsAnswer>;

export const MissingQuery = query(page(100));
export const MissingAnswer = Type.Object({
  ...listed,
  missing: Type.Array(
    Type.Object({
      type: TypeName,
      name: Type.String(),
      since: Type.String({ format: "date-time" }),
      ageSeconds: seconds("since it was first asked for"),
      streams: count("that ask for it"),
      nearest: texts("existing names that it may mean"),
      hint: Type.Object({ code: text("a stable word"), message: text("what to change") }),
    }),
  ),
});
export type MissingAnswer = Static<typeof MissingAnswer>;
