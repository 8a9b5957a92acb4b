/** What is asked of Envoy beyond what is asked of every client. */
import { setTimeout as delay } from "node:timers/promises";
import { Client, credentials, Metadata } from "@grpc/grpc-js";
import { describe, expect, inject, test } from "vitest";
import { METHOD, startBackend, startBackends } from "../../harness/backends.ts";
import { runEvenkeel } from "../../harness/command.ts";
import { type ControlPlane, startControlPlane } from "../../harness/control-plane.ts";
import { service } from "../../harness/objects.ts";
import { metricIn } from "../../kubernetes/harness/metrics.ts";
import { ADMIN, listener, type Protocol } from "../programs/envoy/config.ts";
import { type Envoy, startEnvoy } from "../programs/envoy/process.ts";
import { cluster, greeter, NAME, TARGET } from "../world.ts";
import { allByAds, clustersApart, endpointsAlone } from "./shapes.ts";

const PATIENCE_MS = 30_000;
const TIME_LIMIT_MS = 90_000;

const PROTOCOLS: readonly Protocol[] = ["sotw", "delta"];

/** Looks until it holds; the last look fails the test. */
async function eventually(look: () => Promise<void>): Promise<void> {
  const limit = performance.now() + PATIENCE_MS;
  for (;;) {
    const failure = await look().then(
      () => undefined,
      (error: Error) => error,
    );
    if (failure === undefined) return;
    if (performance.now() > limit) throw failure;
    await delay(20);
  }
}

async function start(executable: string, config: object, base?: string): Promise<Envoy> {
  const envoy = await startEnvoy(executable, config, base === undefined ? {} : { base });
  if (envoy === undefined) throw new Error("Envoy was given up");
  return envoy;
}

/** The pod that answers a request through the first listener. */
async function who({ listeners }: Envoy): Promise<string> {
  const client = new Client(listeners[0] ?? "", credentials.createInsecure());
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const bytes = (text: string): Buffer => Buffer.from(text);
  const text = (data: Buffer): string => data.toString();
  const deadline = Date.now() + PATIENCE_MS;
  client.makeUnaryRequest(METHOD, bytes, text, "who?", new Metadata(), { deadline }, (error, pod = "") =>
    error === null ? resolve(pod) : reject(error),
  );
  return promise.finally(() => client.close());
}

const answers = (envoy: Envoy, pod: string): Promise<void> =>
  eventually(async () => expect(await who(envoy)).toBe(pod));

/** The sum of Envoy's counters and gauges whose names end so. */
async function stat(envoy: Envoy, ending: string): Promise<number> {
  const lines = (await envoy.page("/stats")).split("\n").map((line) => line.split(": "));
  const matching = lines.filter(([name]) => name?.endsWith(ending) === true);
  return matching.reduce((sum, [, value]) => sum + Number(value), 0);
}

const pushes = async ({ admin }: ControlPlane): Promise<number> =>
  metricIn(await (await fetch(`${admin}/metrics`)).text(), "evenkeel_pushes_total");

/** By Envoy's own word and by evenkeel's. */
async function nothingRejected(envoy: Envoy, plane: ControlPlane): Promise<void> {
  expect([await stat(envoy, ".update_rejected"), await plane.nacks()]).toEqual([0, 0]);
  const states = (await plane.clients()).flatMap(({ types }) => types.map(({ state }) => state));
  expect(states).not.toContain("refused");
}

/** A Service with one pod, of which only the address matters. */
const other = (i: number): object[] =>
  service({
    name: `s${i}`,
    pods: [{ address: `10.${Math.floor(i / 62_500)}.${Math.floor(i / 250) % 250}.${i % 250}`, port: 8080, zone: "a" }],
  });

function byProtocol(executable: string, protocol: Protocol): void {
  test("1,000 clusters come by wildcard, and none is refused", { timeout: TIME_LIMIT_MS }, async () => {
    await using plane = await startControlPlane({
      manifests: cluster(...Array.from({ length: 1000 }, (_, i) => other(i)).flat()),
    });
    await using envoy = await start(executable, allByAds({ xds: plane.xds, protocol }, "xds:///s7.default:8080"));
    await eventually(async () => {
      expect([await stat(envoy, "active_clusters"), await stat(envoy, "warming_clusters")]).toEqual([1001, 0]);
    });
    expect((await envoy.page("/clusters")).match(/^s\d+\.default:8080::10\.\S+::health_flags/gm)).toHaveLength(1000);
    await nothingRejected(envoy, plane);
  });

  test("a cluster that changes while its endpoints do not becomes warm again", { timeout: TIME_LIMIT_MS }, async () => {
    await using pod = await startBackend("a1", "127.98.0.1");
    await using plane = await startControlPlane({ manifests: greeter([pod]) });
    await using envoy = await start(executable, allByAds({ xds: plane.xds, protocol }, TARGET));
    expect(await who(envoy)).toBe("a1");
    await plane.apply(greeter([pod], { "evenkeel.dev/max-requests": "77" }));
    await eventually(async () => {
      expect(await envoy.page("/config_dump?resource=dynamic_active_clusters")).toContain('"max_requests": 77');
    });
    expect([await stat(envoy, "warming_clusters"), await who(envoy)]).toEqual([0, "a1"]);
    await nothingRejected(envoy, plane);
  });

  test("clusters on a stream of their own are served", { timeout: TIME_LIMIT_MS }, async () => {
    await using pod = await startBackend("a1", "127.98.0.1");
    await using plane = await startControlPlane({ manifests: greeter([pod]) });
    await using envoy = await start(executable, clustersApart({ xds: plane.xds, protocol }, TARGET));
    expect([await who(envoy), plane.streams()]).toEqual(["a1", 2]);
    await nothingRejected(envoy, plane);
  });

  test("with endpoints alone from evenkeel, another cluster serves while there are none", {
    timeout: TIME_LIMIT_MS,
  }, async () => {
    await using pod = await startBackend("a1", "127.98.0.1");
    await using fixed = await startBackend("fixed", "127.98.0.2");
    const manifests = greeter([pod]);
    await using plane = await startControlPlane({ manifests });
    const around = { xds: plane.xds, fallback: `${fixed.address}:${fixed.port}`, protocol };
    await using envoy = await start(executable, endpointsAlone(around, NAME));
    await answers(envoy, "a1");
    await plane.apply(greeter([]));
    await answers(envoy, "fixed");
    await plane.apply(manifests);
    await answers(envoy, "a1");
    await nothingRejected(envoy, plane);
  });
}

function reconnects(executable: string): void {
  test("who reconnects by delta says what it has, and is sent only what is new", {
    timeout: TIME_LIMIT_MS,
  }, async () => {
    const pods = await startBackends({ a1: "127.98.0.1", a2: "127.98.0.2" });
    await using ends = new AsyncDisposableStack();
    for (const pod of pods.values()) ends.use(pod);
    const [first, second] = [...pods.values()].map((pod) => greeter([pod]));
    const before = await startControlPlane({ manifests: first ?? "" });
    await using envoy = await start(executable, allByAds({ xds: before.xds, protocol: "delta" }, TARGET));
    expect(await who(envoy)).toBe("a1");
    await before[Symbol.asyncDispose]();
    await using after = await startControlPlane({ manifests: first ?? "", xds: before.xds });
    await after.subscribed(NAME);
    await after.apply(second ?? "");
    await answers(envoy, "a2");
    expect(await pushes(after)).toBe(1);
    await nothingRejected(envoy, after);
  });
}

function printedBootstrap(executable: string): void {
  test("it starts with what evenkeel bootstrap prints, and a listener of its own", {
    timeout: TIME_LIMIT_MS,
  }, async () => {
    await using pod = await startBackend("a1", "127.98.0.1");
    await using plane = await startControlPlane({ manifests: greeter([pod]) });
    const { stdout } = await runEvenkeel(["bootstrap", "--for", "envoy", "--server", plane.xds, "--zone", "a"]);
    const own = { static_resources: { listeners: [listener(TARGET)] }, admin: ADMIN };
    await using envoy = await start(executable, own, stdout);
    expect(await who(envoy)).toBe("a1");
    expect((await plane.clients()).map(({ kind }) => kind)).toEqual(["envoy"]);
    await nothingRejected(envoy, plane);
  });
}

/** Beside each other alone: nothing of it is measured. @param executables of Envoy, by the words for its version */
export function envoySuite(executables: Readonly<Record<string, string>>): void {
  if (inject("part") !== "together") return;
  describe.each(Object.entries(executables))("Envoy, %s", (_, executable) => {
    describe.each(PROTOCOLS)("%s", (protocol) => byProtocol(executable, protocol));
    reconnects(executable);
    printedBootstrap(executable);
  });
}
