import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type Figure, median } from "../figure.ts";
import { type Load, startLoad } from "../processes.ts";
import type { Size } from "../size.ts";

const AIM_S = 0.5;
const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** The second is what the first runs once it is packed; the first keeps compiled code for the next start, as this does. */
const PROGRAMS = [
  { how: "from the checkout", file: "cli/evenkeel.mjs" },
  { how: "as packed", file: "dist/cli/main.js" },
] as const;
const COMPILE_CACHE = `${ROOT}/bench/results/compile-cache`;
const ARGUMENTS = ["serve", "--manifests", "examples/manifests", "--admin", "127.0.0.1:0", "--log-level", "error"];
/** How often a client that waits for the server tries to connect. */
const RETRY_MS = 5;

/** Served by the example manifests. */
const NAME = "greeter.default:8080";

/** A port that nobody listens at. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

async function isOpen(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  const opened = await once(socket, "connect").then(
    () => true,
    () => false,
  );
  socket.destroy();
  return opened;
}

/** From the start of the process until one client has its assignment that connects as soon as it can. */
async function secondsToFirstClient(program: string, load: Load): Promise<number> {
  const port = await freePort();
  const start = performance.now();
  const child = spawn(process.execPath, [program, ...ARGUMENTS, "--xds", `127.0.0.1:${port}`], {
    cwd: ROOT,
    env: { ...process.env, NODE_COMPILE_CACHE: COMPILE_CACHE },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const exited = once(child, "exit");
  try {
    while (!(await isOpen(port))) {
      if (child.exitCode !== null) throw new Error(`${program} ended`);
      await delay(RETRY_MS);
    }
    const { served } = await load.call("connect", { port, clients: 1, atOnce: 1, name: NAME });
    if (served !== 1) throw new Error(`${program} did not serve ${NAME}`);
    return (performance.now() - start) / 1000;
  } finally {
    await load.call("disconnect", undefined);
    child.kill("SIGINT");
    await exited;
  }
}

/** How soon the program serves after it is started, on the example manifests. */
export async function start({ starts }: Size): Promise<readonly Figure[]> {
  await using load = startLoad();
  await load.call("surprises", undefined); // it has started
  const figures: Figure[] = [];
  for (const { how, file } of PROGRAMS.filter((program) => existsSync(`${ROOT}/${program.file}`))) {
    const seconds: number[] = [];
    for (let i = 0; i < starts; i += 1) seconds.push(await secondsToFirstClient(file, load));
    figures.push({ what: `start to first client served, ${how}`, value: median(seconds), unit: "s", aim: AIM_S });
  }
  return figures;
}
