import type { Environment } from "../server/config.ts";
import type { Flags } from "../server/flags.ts";

/** Who a gRPC client is, and which server it asks. */
export interface Identity {
  /** A gRPC target. */
  readonly server: string;
  /** Unique for each process. */
  readonly id: string;
  readonly region?: string;
  readonly zone?: string;
  readonly subZone?: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Text that is absent and text that is empty, as an unset variable gives it, mean the same. */
const filled = (texts: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(Object.entries(texts).flatMap(([key, text]) => (text ? [[key, text]] : [])));

/**
 * The bootstrap of a gRPC client, for every language: with a locality, which the Node client requires even if it is empty, and
 * with `ignore_resource_deletion` (B8). Plaintext, since the Node client can do nothing else.
 */
export const bootstrapOf = ({ server, id, region, zone, subZone, metadata }: Identity): object => ({
  xds_servers: [
    {
      server_uri: server,
      channel_creds: [{ type: "insecure" }],
      server_features: ["xds_v3", "ignore_resource_deletion"],
    },
  ],
  node: { id, locality: filled({ region, zone, sub_zone: subZone }), metadata },
  server_listener_resource_name_template: "grpc/server?xds.resource.listening_address=%s",
});

export const BOOTSTRAP_FLAGS = {
  for: "value",
  output: "value",
  server: "value",
  "node-id": "value",
  region: "value",
  zone: "value",
  "sub-zone": "value",
  metadata: "values",
} as const;

const HOST_AND_PORT = /^(?:dns:\/\/[^/]*\/)?(?:\[[0-9a-f:.]+\]|[^:[\]/\s]+):(\d{1,5})$/i;

function isTarget(text: string): boolean {
  const [, port = 0] = HOST_AND_PORT.exec(text) ?? [];
  return /^unix:\S+$/.test(text) || (Number(port) >= 1 && Number(port) <= 65_535);
}

function serverProblems(server: string | undefined): string[] {
  if (server === undefined) return ["--server must be given"];
  return isTarget(server) ? [] : [`--server must be HOST:PORT, dns:///HOST:PORT or unix:PATH, not "${server}"`];
}

const LABEL_VALUE = /^(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$/;

const placeProblems = (name: string, text = ""): string[] =>
  LABEL_VALUE.test(text)
    ? []
    : [`--${name} must be a label value (at most 63 letters, digits, -, _ and .), not "${text}"`];

function metadataProblems(pairs: readonly string[]): string[] {
  const keys = pairs.filter((pair) => pair.includes("=")).map((pair) => pair.split("=", 1)[0] ?? "");
  const malformed = pairs.filter((pair) => !/^[^=]+=/.test(pair));
  const repeated = new Set(keys.filter((key, i) => keys.indexOf(key) !== i));
  return [
    ...malformed.map((pair) => `--metadata must be KEY=VALUE, not "${pair}"`),
    ...[...repeated].map((key) => `--metadata ${key} is given more than once`),
  ];
}

function metadataOf(pairs: readonly string[], env: Environment): Record<string, string> {
  const standard = {
    POD_NAME: env.POD_NAME,
    NAMESPACE: env.NAMESPACE || env.POD_NAMESPACE,
    NODE_NAME: env.NODE_NAME,
  };
  const given = pairs.map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]);
  return { ...filled(standard), ...Object.fromEntries(given) };
}

/** Who the flags and the environment say the client is, with everything that is wrong with them. */
export function identityOf({ given, positionals, problems }: Flags, env: Environment, uniqueId: string) {
  const one = (name: string): string | undefined => given.get(name)?.at(-1);
  const pairs = given.get("metadata") ?? [];
  const identity: Identity = {
    server: one("server") ?? "",
    id: one("node-id") || uniqueId,
    ...filled({ region: one("region"), zone: one("zone"), subZone: one("sub-zone") }),
    metadata: metadataOf(pairs, env),
  };
  return {
    identity,
    problems: [
      ...problems,
      ...positionals.map((word) => `unexpected argument "${word}"`),
      ...serverProblems(one("server")),
      ...["region", "zone", "sub-zone"].flatMap((name) => placeProblems(name, one(name))),
      ...metadataProblems(pairs),
    ],
  };
}
