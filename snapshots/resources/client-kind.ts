/** All that is known of clients: adding a kind is one entry here, and its golden file in e2e/testdata/kinds. */

/** What may differ in a cluster that is sent. Kinds of one form share the bytes. */
export type ClusterForm = "grpc" | "java" | "envoy" | "armeria";

/** What may differ in a route that is sent. */
export type RouteForm = "grpc" | "core" | "envoy" | "armeria";

/** What may differ in an assignment that is sent. */
export type AssignmentForm = "grpc" | "envoy" | "flat";

/** What a Service may ask of clients, by annotation. */
export type Feature =
  | "two-choices"
  | "round-robin"
  | "ring-hash"
  | "timeout"
  | "retry"
  | "max-requests"
  | "outlier-detection";

/** The first version that does it, "" where any does; or `instead`: what the kind does in its place. */
export type Support = { readonly since: string; readonly before?: string } | { readonly instead: string };

interface Kind {
  /** In words for people. */
  readonly title: string;
  /** How `node.user_agent_name` begins; absent where the client sends none, and has to be declared. */
  readonly agent?: string;
  /** How that began in its earlier versions, where it was another word. */
  readonly earlierAgent?: string;
  readonly route: RouteForm;
  readonly cluster: ClusterForm;
  readonly assignment: AssignmentForm;
  /** What it is sent otherwise than clients of gRPC, and why. */
  readonly differs: readonly string[];
  readonly features: Readonly<Record<Feature, Support>>;
}

const yes: Support = { since: "" };
const since = (version: string, before = "nothing"): Support => ({ since: version, before });
const no = (instead = "nothing"): Support => ({ instead });

/** As gRPC libraries do it in which it is known that nothing of a kind of their own is done. */
const GRPC = { route: "grpc", cluster: "grpc", assignment: "grpc", differs: [] } as const;

const ROUND_ROBIN = "round robin";

const UNKNOWN_LIBRARY: Kind["features"] = {
  "two-choices": no(ROUND_ROBIN),
  "round-robin": yes,
  "ring-hash": yes,
  timeout: yes,
  retry: yes,
  "max-requests": yes,
  "outlier-detection": yes,
};

/** In the order in which an agent is compared with them: what begins alike stands with the longest first. */
const KINDS = {
  "grpc-go": {
    ...GRPC,
    title: "gRPC for Go",
    agent: "gRPC Go",
    features: {
      "two-choices": since("1.74", ROUND_ROBIN),
      "round-robin": yes,
      "ring-hash": since("1.56", ROUND_ROBIN),
      timeout: since("1.37"),
      retry: since("1.41"),
      "max-requests": since("1.37"),
      "outlier-detection": since("1.50"),
    },
  },
  "grpc-java": {
    ...GRPC,
    cluster: "java",
    title: "gRPC for Java, Kotlin and Scala",
    agent: "gRPC Java",
    differs: [
      "cluster: where requests are limited, a server of load reports that takes none, since it counts no requests without one",
    ],
    features: {
      "two-choices": since("1.48", ROUND_ROBIN),
      "round-robin": yes,
      "ring-hash": since("1.47", ROUND_ROBIN),
      timeout: since("1.37.1"),
      retry: since("1.40.1"),
      "max-requests": since("1.37.1"),
      "outlier-detection": since("1.49"),
    },
  },
  "grpc-core": {
    ...GRPC,
    route: "core",
    title: "gRPC for C++, Python, Ruby and PHP",
    agent: "gRPC C-core",
    differs: ["route: a timeout of two seconds more, since it cuts one to two seconds too early"],
    features: {
      "two-choices": no(ROUND_ROBIN),
      "round-robin": yes,
      "ring-hash": since("1.55", ROUND_ROBIN),
      timeout: since("1.37.1"),
      retry: since("1.40"),
      "max-requests": since("1.37.1"),
      "outlier-detection": since("1.51"),
    },
  },
  "grpc-node": {
    ...GRPC,
    title: "gRPC for Node (@grpc/grpc-js-xds)",
    agent: "gRPC Node",
    features: {
      "two-choices": no(ROUND_ROBIN),
      "round-robin": yes,
      "ring-hash": since("1.10", ROUND_ROBIN),
      timeout: since("1.4"),
      retry: since("1.8"),
      "max-requests": since("1.4"),
      "outlier-detection": since("1.7"),
    },
  },
  tonic: {
    route: "grpc",
    cluster: "grpc",
    assignment: "flat",
    title: "tonic-xds for Rust",
    agent: "gRPC Rust tonic-xds",
    earlierAgent: "tonic-xds",
    differs: [
      "assignment: only what is to be used now, and of each zone as many endpoints as its weight asks for, since it ignores priorities and the weights of localities",
    ],
    features: {
      "two-choices": yes,
      "round-robin": no("two choices"),
      "ring-hash": no("two choices"),
      timeout: no(),
      retry: yes,
      "max-requests": no(),
      "outlier-detection": no(),
    },
  },
  grpc: { ...GRPC, title: "gRPC of another language", agent: "gRPC", features: UNKNOWN_LIBRARY },
  evenkeel: {
    ...GRPC,
    title: "evenkeel-client for Node",
    agent: "evenkeel-client",
    features: {
      "two-choices": yes,
      "round-robin": no("two choices, or what its program asks for"),
      "ring-hash": no("two choices"),
      timeout: yes,
      retry: yes,
      "max-requests": yes,
      "outlier-detection": no("its own error bias"),
    },
  },
  envoy: {
    route: "envoy",
    cluster: "envoy",
    assignment: "envoy",
    title: "Envoy",
    agent: "envoy",
    differs: [
      "cluster: the policy as one word, since it refuses the list that gRPC takes",
      "cluster: a panic threshold of 0, since draining endpoints count as unhealthy there",
      "cluster and route: an endpoint that cannot be reached is left out for some seconds, and another one tried, as gRPC does without being told",
      "assignment: draining endpoints as DRAINING, and warm-up as slow_start_config, since it knows both",
    ],
    features: {
      "two-choices": yes,
      "round-robin": yes,
      "ring-hash": yes,
      timeout: yes,
      retry: yes,
      "max-requests": yes,
      "outlier-detection": yes,
    },
  },
  armeria: {
    route: "armeria",
    cluster: "armeria",
    assignment: "grpc",
    title: "Armeria",
    differs: [
      "cluster: no list of policies, no circuit breakers and no outlier detection, since its validator (from 1.41 on) refuses a cluster that has any",
      "route: the timeout as that of a response, and no hashed header, since its validator knows no others",
    ],
    features: {
      "two-choices": no(ROUND_ROBIN),
      "round-robin": yes,
      "ring-hash": no(ROUND_ROBIN),
      timeout: yes,
      retry: yes,
      "max-requests": no(),
      "outlier-detection": no(),
    },
  },
  other: { ...GRPC, title: "a client that is not known", features: UNKNOWN_LIBRARY },
} as const satisfies Readonly<Record<string, Kind>>;

/** What a client can do, told from its node. */
export type ClientKind = keyof typeof KINDS;

export const CLIENT_KINDS: ReadonlyMap<ClientKind, Kind> = new Map(
  Object.entries(KINDS) as readonly (readonly [ClientKind, Kind])[],
);

/** All that is known of a kind. */
export const kindOf = (kind: ClientKind): Kind => KINDS[kind];

const isKind = (text: unknown): text is ClientKind => typeof text === "string" && Object.hasOwn(KINDS, text);

/** Metadata of a node by which a client says its kind, where its user agent does not: Armeria sends none. */
export const KIND_METADATA = "evenkeel.dev/client";

/**
 * What `declared` says, if it is the name of a kind; else by how `node.user_agent_name` begins (clients.md section 2).
 * Whoever is not recognised gets what gRPC gets.
 */
export function clientKind(userAgentName: string, declared?: unknown): ClientKind {
  if (isKind(declared)) return declared;
  const begins = (agent: string | undefined): boolean => agent !== undefined && userAgentName.startsWith(agent);
  const entry = [...CLIENT_KINDS].find(([, { agent, earlierAgent }]) => begins(agent) || begins(earlierAgent));
  return entry?.[0] ?? "other";
}
