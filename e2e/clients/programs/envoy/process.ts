import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";

export interface Envoy extends AsyncDisposable {
  /** HOST:PORT of each listener, in the order of the configuration. */
  readonly listeners: readonly string[];
  /** A page of its admin interface, such as `/stats`. */
  page(path: string): Promise<string>;
}

interface StartOptions {
  /** Whether nobody waits for it any more. */
  readonly isOver?: () => boolean;
  /** What `evenkeel bootstrap` has printed for it, which it gets as a container does, beside its own configuration. */
  readonly base?: string;
}

const LOOK_MS = 10;

interface Listeners {
  readonly listener_statuses?: readonly {
    readonly name: string;
    readonly local_address: { readonly socket_address: { readonly address: string; readonly port_value: number } };
  }[];
}

/** What it answers, or undefined while it does not. */
async function asked(admin: string, page: string): Promise<string | undefined> {
  const answer = await fetch(`http://${admin}${page}`).catch(() => undefined);
  return answer?.ok === true ? answer.text() : undefined;
}

async function until<T>(look: () => Promise<T | undefined>, isOver: () => boolean): Promise<T | undefined> {
  while (!isOver()) {
    const seen = await look();
    if (seen !== undefined) return seen;
    await delay(LOOK_MS);
  }
  return undefined;
}

/**
 * Resolves once it takes requests, which it does when it has all that its listeners need; with undefined if `isOver` before. It ends
 * with this process, however that ends.
 */
export async function startEnvoy(
  executable: string,
  config: object,
  { isOver = () => false, base }: StartOptions = {},
): Promise<Envoy | undefined> {
  await using started = new AsyncDisposableStack();
  const folder = await mkdtemp(path.join(tmpdir(), "evenkeel-envoy-"));
  started.defer(() => rm(folder, { recursive: true, force: true }));
  const [file, adminFile] = [path.join(folder, "bootstrap.yaml"), path.join(folder, "admin")];
  await writeFile(file, JSON.stringify(config));
  const added = base === undefined ? [] : ["--config-yaml", base];
  const flags = [
    "-c",
    file,
    ...added,
    "--admin-address-path",
    adminFile,
    "--concurrency",
    "1",
    "--disable-hot-restart",
  ];
  const words = ["--pdeathsig", "SIGKILL", executable, ...flags, "--log-level", "warning"];
  const child = spawn("setpriv", words, { stdio: ["ignore", "ignore", "inherit"] });
  const exited = once(child, "exit");
  let hasEnded = false;
  void exited.then(() => {
    hasEnded = true;
  });
  started.defer(async () => {
    child.kill("SIGKILL");
    await exited;
  });
  const stops = (): boolean => isOver() || hasEnded;
  const admin = await until(async () => (await readFile(adminFile, "utf8").catch(() => "")) || undefined, stops);
  const isReady = admin && (await until(() => asked(admin, "/ready"), stops));
  if (hasEnded) throw new Error("Envoy has ended, see above");
  if (!isReady) return undefined;
  const { listener_statuses: statuses = [] } = JSON.parse(
    (await asked(admin, "/listeners?format=json")) ?? "{}",
  ) as Listeners;
  const byName = new Map(
    statuses.map(({ name, local_address: { socket_address: at } }) => [name, `${at.address}:${at.port_value}`]),
  );
  const { listeners } = (
    config as { readonly static_resources: { readonly listeners: readonly { readonly name: string }[] } }
  ).static_resources;
  const parts = started.move();
  return {
    listeners: listeners.map(({ name }) => byName.get(name) ?? ""),
    page: async (page) => (await asked(admin, page)) ?? "",
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}
