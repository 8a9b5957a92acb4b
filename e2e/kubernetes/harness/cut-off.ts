/** An evenkeel beside the test whose way to the API server can be cut; that of a pod cannot. For e2e/cluster. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parse } from "yaml";
import { type Cutter, startCutter } from "./cutter.ts";
import { type LocalServer, startLocalServer } from "./local-server.ts";

/** Where pods of e2e/cluster reach the test. */
const GATEWAY = "10.244.0.1";

export interface CuttableServer extends LocalServer {
  readonly cutter: Cutter;
}

/** Resolves when it has read the whole cluster. Pods reach it, too. */
export async function startCuttableServer(): Promise<CuttableServer> {
  await using started = new AsyncDisposableStack();
  const config = parse(await readFile(process.env.KUBECONFIG ?? "", "utf8"));
  const [{ cluster }] = config.clusters;
  const cutter = started.use(await startCutter(Number(new URL(cluster.server).port)));
  cluster.server = `https://127.0.0.1:${cutter.port}`;
  const folder = await mkdtemp(path.join(tmpdir(), "evenkeel-cut-off-"));
  started.defer(() => rm(folder, { recursive: true, force: true }));
  const kubeconfig = path.join(folder, "kubeconfig");
  await writeFile(kubeconfig, JSON.stringify(config));
  const server = started.use(await startLocalServer({ host: GATEWAY, kubeconfig }));
  const parts = started.move();
  return { ...server, cutter, [Symbol.asyncDispose]: () => parts.disposeAsync() };
}
