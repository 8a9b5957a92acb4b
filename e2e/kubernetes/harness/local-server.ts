/** An evenkeel beside the test instead of in a pod: fresh, and over loopback it answers everything that an operator may ask. */
import { startEvenkeel } from "../../harness/command.ts";

export interface LocalServer extends AsyncDisposable {
  /** HOST:PORT. */
  readonly xds: string;
  /** From the start of its process to its first answer. */
  readonly startMs: number;
  readonly pid: number;
  /** What its admin API answers. Rejects unless the status is 200. */
  ask<T>(url: string): Promise<T>;
  /** As Prometheus reads them. */
  metrics(): Promise<string>;
}

export interface LocalServerOptions {
  /** Where it serves xDS: pods reach the test at an address other than this one's default, 127.0.0.1. */
  readonly host?: string;
  /** Instead of KUBECONFIG. */
  readonly kubeconfig?: string;
}

const QUIET = ["--log-level", "warn", "--drain-delay", "0s", "--drain-grace", "0s"];

/** Resolves when it has read the whole cluster, as whoever owns the kubeconfig. */
export async function startLocalServer(options: LocalServerOptions = {}): Promise<LocalServer> {
  const { host = "127.0.0.1", kubeconfig = process.env.KUBECONFIG ?? "" } = options;
  const flags = ["--kubeconfig", kubeconfig, "--xds", `${host}:0`, "--admin", "127.0.0.1:0", ...QUIET];
  await using started = new AsyncDisposableStack();
  const startedAt = performance.now();
  const command = started.use(startEvenkeel(["serve", "--kubernetes", ...flags]));
  const { xds, admin } = JSON.parse(await command.line(60_000)) as { readonly xds: string; readonly admin: string };
  const startMs = performance.now() - startedAt;
  const parts = started.move();
  return {
    xds,
    startMs,
    pid: command.pid,
    ask: async <T>(url: string) => {
      const answer = await fetch(`http://${admin}${url}`);
      if (!answer.ok) throw new Error(`GET ${url}: ${answer.status} ${await answer.text()}`);
      return (await answer.json()) as T;
    },
    metrics: async () => (await fetch(`http://${admin}/metrics`)).text(),
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}
