/** The whole server, as a process of its own, on a cluster whose API server is next to it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** What the server says of itself once it answers. */
interface Addresses {
  readonly xds: string;
  readonly admin: string;
}

export interface KubernetesServing extends AsyncDisposable, Addresses {
  /** From the start of the process until it answered; seconds. */
  readonly seconds: number;
  /** Resident set; not a number where the system does not tell it. */
  rssKiB(): Promise<number>;
}

async function writeKubeconfig(folder: string, server: string): Promise<string> {
  const file = path.join(folder, "kubeconfig");
  const contexts = [{ name: "bench", context: { cluster: "bench" } }];
  const clusters = [{ name: "bench", cluster: { server } }];
  await writeFile(file, JSON.stringify({ "current-context": "bench", contexts, clusters }));
  return file;
}

async function rssKiB(pid: number | undefined): Promise<number> {
  const text = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  return Number(/^VmRSS:\s+(\d+)/m.exec(text)?.[1] ?? Number.NaN);
}

/** @param server URL of the API server */
export async function startKubernetesServing(server: string): Promise<KubernetesServing> {
  const folder = await mkdtemp(path.join(tmpdir(), "evenkeel-bench-"));
  const source = ["--kubernetes", "--kubeconfig", await writeKubeconfig(folder, server)];
  const ports = ["--xds", "127.0.0.1:0", "--admin", "127.0.0.1:0"];
  const start = performance.now();
  const child = spawn(process.execPath, ["cli/evenkeel.mjs", "serve", ...source, ...ports], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "ignore"],
  });
  const exited = once(child, "exit");
  const [line] = (await once(createInterface(child.stdout), "line")) as [string];
  const seconds = (performance.now() - start) / 1000;
  return {
    ...(JSON.parse(line) as Addresses),
    seconds,
    rssKiB: () => rssKiB(child.pid),
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGINT");
      await exited;
      await rm(folder, { recursive: true });
    },
  };
}
