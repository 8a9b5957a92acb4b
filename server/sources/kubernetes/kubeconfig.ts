/** A context of kubeconfig files → access. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { at, flag, text } from "../fields.ts";
import type { Access, Target, Tls } from "./access.ts";
import { type Credentials, pluginOf } from "./auth-plugin.ts";
import { type Entry, named, readConfigs } from "./kubeconfig-files.ts";

/** The contents of a file that an entry names, or those that stand in it in base64. */
async function blob({ body, folder }: Entry, field: string): Promise<Buffer | undefined> {
  const inline = text(at(body, `${field}-data`));
  if (inline !== undefined) return Buffer.from(inline, "base64");
  const file = text(at(body, field));
  return file === undefined ? undefined : readFile(path.resolve(folder, file));
}

function serverOf({ name, body }: Entry): URL {
  const server = text(at(body, "server")) ?? "";
  if (!/^https?:/.test(server) || !URL.canParse(server)) throw new Error(`server of cluster ${name} is no URL`);
  if (text(at(body, "proxy-url")) !== undefined) {
    throw new Error(`cluster ${name} is behind a proxy (proxy-url), which is not supported`);
  }
  return new URL(server);
}

async function clusterTls(cluster: Entry): Promise<Tls> {
  const ca = await blob(cluster, "certificate-authority");
  const servername = text(at(cluster.body, "tls-server-name"));
  return {
    ...(ca !== undefined && { ca }),
    ...(servername !== undefined && { servername }),
    ...(flag(at(cluster.body, "insecure-skip-tls-verify")) === true && { rejectUnauthorized: false }),
  };
}

async function ownHeaders({ body, folder }: Entry): Promise<Record<string, string>> {
  const file = text(at(body, "tokenFile"));
  const token =
    file === undefined ? text(at(body, "token")) : (await readFile(path.resolve(folder, file), "utf8")).trim();
  const [username, password] = [text(at(body, "username")), text(at(body, "password"))];
  const basic = username === undefined ? undefined : Buffer.from(`${username}:${password ?? ""}`).toString("base64");
  const authorization = token === undefined ? basic && `Basic ${basic}` : `Bearer ${token}`;
  const as = text(at(body, "as"));
  return { ...(authorization && { authorization }), ...(as !== undefined && { "impersonate-user": as }) };
}

/** What a context stands for. */
interface Loaded {
  readonly server: URL;
  readonly cluster: Tls;
  readonly user: Entry | undefined;
  readonly plugin: Awaited<ReturnType<typeof pluginOf>>;
}

async function load(files: readonly string[], wanted: string | undefined): Promise<Loaded> {
  const config = await readConfigs(files);
  const name = wanted ?? config.current;
  if (name === undefined) throw new Error("it has no current-context: name one with --context");
  const context = named(config.contexts, "context", name);
  const cluster = named(config.clusters, "cluster", text(at(context.body, "cluster")) ?? "");
  const userName = text(at(context.body, "user"));
  const user = userName === undefined ? undefined : named(config.users, "user", userName);
  return {
    server: serverOf(cluster),
    cluster: await clusterTls(cluster),
    user,
    plugin: user && (await pluginOf(user)),
  };
}

const lowerCase = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

async function targetOf({ server, cluster, user, plugin }: Loaded): Promise<Target> {
  if (user === undefined) return { server, headers: {}, tls: cluster };
  const credentials: Credentials = { headers: await ownHeaders(user) };
  await plugin?.(credentials);
  const [cert, key] = [await blob(user, "client-certificate"), await blob(user, "client-key")];
  const pair = credentials.cert === undefined ? { cert, key } : credentials;
  return {
    server,
    headers: lowerCase(credentials.headers), // a plugin's token goes before one in the file
    tls: {
      ...cluster,
      ...(pair.cert !== undefined && { cert: pair.cert }),
      ...(pair.key !== undefined && { key: pair.key }),
    },
  };
}

/** A context of kubeconfig files: the one that is named, or the current one. Read anew when it is not accepted. */
export function fromKubeconfig(files: readonly string[], context: string | undefined): Access {
  const where = `${context === undefined ? "the current context" : `context ${context}`} of ${files.join(", ")}`;
  let loading: Promise<Loaded> | undefined;
  let asking: Promise<Target> | undefined; // one at a time: a plugin may ask a person
  const ask = async (): Promise<Target> => {
    loading ??= load(files, context);
    try {
      return await targetOf(await loading);
    } catch (error) {
      loading = undefined;
      throw new Error(`${where}: ${error instanceof Error ? error.message : String(error)}`);
    } finally {
      asking = undefined;
    }
  };
  return {
    where,
    target: () => {
      asking ??= ask();
      return asking;
    },
    renew: () => {
      loading = undefined;
    },
  };
}
