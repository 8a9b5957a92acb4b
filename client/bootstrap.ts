import { bad, ok, type Parsed } from "./parsed.ts";

/** How to reach a server; the first entry of `channel_creds` that this client speaks. */
export type ServerCredentials =
  | { readonly kind: "insecure" }
  | {
      readonly kind: "tls";
      readonly caFile: string | undefined;
      readonly certificateFile: string | undefined;
      readonly keyFile: string | undefined;
      readonly refreshMs: number;
    };

export interface ServerConfig {
  /** A gRPC target. */
  readonly uri: string;
  readonly credentials: ServerCredentials;
  /** A listener or cluster that a response lacks is kept instead of deleted (gRFC A53). */
  readonly keepDeleted: boolean;
}

interface Authority {
  readonly listenerTemplate: string;
  readonly servers: readonly ServerConfig[];
}

export interface NodeConfig {
  readonly id: string;
  readonly cluster: string;
  readonly locality: { readonly region: string; readonly zone: string; readonly subZone: string };
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** Who this client is and whom it asks, as gRPC's bootstrap says it (gRFC A27, A47, A65). */
export interface Bootstrap {
  /** In order of preference; at least one. */
  readonly servers: readonly ServerConfig[];
  readonly node: NodeConfig;
  readonly listenerTemplate: string;
  readonly authorities: ReadonlyMap<string, Authority>;
}

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const shown = (value: unknown): string => JSON.stringify(value) ?? String(value);

/** Reads one bootstrap, collecting every problem with the path of the key that has it. */
class Reader {
  readonly problems: string[] = [];

  object(value: unknown, path: string): Json {
    if (value === undefined) return {};
    if (isObject(value)) return value;
    this.problems.push(`${path} must be an object, not ${shown(value)}`);
    return {};
  }

  text(parent: Json, key: string, path: string): string | undefined {
    const value = parent[key];
    if (value === undefined || typeof value === "string") return value;
    this.problems.push(`${path}.${key} must be a string, not ${shown(value)}`);
    return undefined;
  }

  list(value: unknown, path: string): readonly unknown[] {
    if (value === undefined) return [];
    if (Array.isArray(value)) return value;
    this.problems.push(`${path} must be a list, not ${shown(value)}`);
    return [];
  }
}

const DEFAULT_REFRESH_MS = 600_000;

function refreshMs(text: string | undefined, path: string, reader: Reader): number {
  if (text === undefined) return DEFAULT_REFRESH_MS;
  const [, seconds] = /^(\d+(?:\.\d{1,9})?)s$/.exec(text) ?? [];
  if (seconds !== undefined && Number(seconds) > 0) return Number(seconds) * 1000;
  reader.problems.push(`${path}.refresh_interval must be seconds such as "600s", not ${shown(text)}`);
  return DEFAULT_REFRESH_MS;
}

function tlsCredentials(config: Json, path: string, reader: Reader): ServerCredentials {
  const certificateFile = reader.text(config, "certificate_file", path);
  const keyFile = reader.text(config, "private_key_file", path);
  if ((certificateFile === undefined) !== (keyFile === undefined))
    reader.problems.push(`${path}: certificate_file and private_key_file must be given together`);
  return {
    kind: "tls",
    caFile: reader.text(config, "ca_certificate_file", path),
    certificateFile,
    keyFile,
    refreshMs: refreshMs(reader.text(config, "refresh_interval", path), path, reader),
  };
}

function credentials(value: unknown, path: string, reader: Reader): ServerCredentials {
  const types: string[] = [];
  for (const [i, entry] of reader.list(value, path).entries()) {
    const each = reader.object(entry, `${path}[${i}]`);
    const type = reader.text(each, "type", `${path}[${i}]`);
    if (type === "insecure") return { kind: "insecure" };
    if (type === "tls")
      return tlsCredentials(reader.object(each.config, `${path}[${i}].config`), `${path}[${i}].config`, reader);
    if (type !== undefined) types.push(type);
  }
  const found = types.length === 0 ? "none is given" : `not only ${types.map(shown).join(", ")}`;
  reader.problems.push(`${path} must contain a type that is supported ("insecure" or "tls"): ${found}`);
  return { kind: "insecure" };
}

function server(value: unknown, path: string, reader: Reader): ServerConfig {
  const each = reader.object(value, path);
  const uri = reader.text(each, "server_uri", path) ?? "";
  if (uri === "") reader.problems.push(`${path}.server_uri is missing`);
  return {
    uri,
    credentials: credentials(each.channel_creds, `${path}.channel_creds`, reader),
    keepDeleted: reader.list(each.server_features, `${path}.server_features`).includes("ignore_resource_deletion"),
  };
}

const servers = (value: unknown, path: string, reader: Reader): readonly ServerConfig[] =>
  reader.list(value, path).map((each, i) => server(each, `${path}[${i}]`, reader));

function node(value: unknown, reader: Reader): NodeConfig {
  const each = reader.object(value, "node");
  const locality = reader.object(each.locality, "node.locality");
  return {
    id: reader.text(each, "id", "node") ?? "",
    cluster: reader.text(each, "cluster", "node") ?? "",
    locality: {
      region: reader.text(locality, "region", "node.locality") ?? "",
      zone: reader.text(locality, "zone", "node.locality") ?? "",
      subZone: reader.text(locality, "sub_zone", "node.locality") ?? "",
    },
    metadata: reader.object(each.metadata, "node.metadata"),
  };
}

function authorities(value: unknown, topLevel: readonly ServerConfig[], reader: Reader): Bootstrap["authorities"] {
  const authority = (name: string, entry: unknown): Authority => {
    const path = `authorities[${shown(name)}]`;
    const each = reader.object(entry, path);
    const prefix = `xdstp://${name}/`;
    const template = reader.text(each, "client_listener_resource_name_template", path);
    if (template !== undefined && !template.startsWith(prefix))
      reader.problems.push(`${path}.client_listener_resource_name_template must begin with ${shown(prefix)}`);
    const own = servers(each.xds_servers, `${path}.xds_servers`, reader);
    const listenerTemplate = template ?? `${prefix}envoy.config.listener.v3.Listener/%s`;
    return { listenerTemplate, servers: own.length > 0 ? own : topLevel };
  };
  const entries = Object.entries(reader.object(value, "authorities"));
  return new Map(entries.map(([name, entry]) => [name, authority(name, entry)]));
}

function json(text: string): Parsed<Json> {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? ok(value) : bad(`must be an object, not ${shown(value)}`);
  } catch (error) {
    return bad(`is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** The text of a bootstrap as values, or every problem of it. Unknown keys are ignored. */
export function parseBootstrap(text: string): Parsed<Bootstrap> {
  const parsed = json(text);
  if (parsed.kind === "bad") return parsed;
  const reader = new Reader();
  const topLevel = servers(parsed.value.xds_servers, "xds_servers", reader);
  if (topLevel.length === 0) reader.problems.push("xds_servers must name at least one server");
  const bootstrap: Bootstrap = {
    servers: topLevel,
    node: node(parsed.value.node, reader),
    listenerTemplate: reader.text(parsed.value, "client_default_listener_resource_name_template", "bootstrap") ?? "%s",
    authorities: authorities(parsed.value.authorities, topLevel, reader),
  };
  return reader.problems.length > 0 ? bad(...reader.problems) : ok(bootstrap);
}

const FILE = "GRPC_XDS_BOOTSTRAP";
const INLINE = "GRPC_XDS_BOOTSTRAP_CONFIG";

const named = (name: string, parsed: Parsed<Bootstrap>): Parsed<Bootstrap> =>
  parsed.kind === "ok" ? parsed : bad(...parsed.problems.map((problem) => `${name}: ${problem}`));

/**
 * The bootstrap that the environment names: the file wins over what is given inline.
 * @param readFile may throw
 */
export function readBootstrap(
  env: Readonly<Record<string, string | undefined>>,
  readFile: (path: string) => string,
): Parsed<Bootstrap> {
  const path = env[FILE];
  if (path) {
    try {
      return named(`${FILE} (${path})`, parseBootstrap(readFile(path)));
    } catch (error) {
      return bad(`${FILE}: ${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  const inline = env[INLINE];
  if (inline) return named(INLINE, parseBootstrap(inline));
  return bad(`no bootstrap: set ${FILE} to the path of a file, or ${INLINE} to its content`);
}

/** Names of the new style are URIs, so that what is put into them is encoded. */
const filled = (template: string, path: string): string =>
  template.replace("%s", () =>
    template.startsWith("xdstp:") ? path.split("/").map(encodeURIComponent).join("/") : path,
  );

/** The listener to ask for, and whom, given a target's authority and path (gRFC A47). */
export function listenerFor(
  bootstrap: Bootstrap,
  target: { readonly authority: string; readonly path: string },
): Parsed<{ readonly name: string; readonly servers: readonly ServerConfig[] }> {
  if (target.authority === "") {
    const { listenerTemplate, servers: topLevel } = bootstrap;
    return ok({ name: filled(listenerTemplate, target.path), servers: topLevel });
  }
  const found = bootstrap.authorities.get(target.authority);
  if (found === undefined) {
    const known = [...bootstrap.authorities.keys()].map(shown).join(", ") || "none";
    return bad(`the bootstrap has no authority ${shown(target.authority)} (it has ${known})`);
  }
  return ok({ name: filled(found.listenerTemplate, target.path), servers: found.servers });
}
