import { describe, expect, test } from "vitest";
import { bootstrapOf } from "../../cli/bootstrap.ts";
import { type Backend, METHOD, startBackend, startBackends } from "../harness/backends.ts";
import { type ClientProcess, type ClientReport, startClient } from "../harness/client-process.ts";
import { startControlPlane } from "../harness/control-plane.ts";
import { manifest, nodes, type Pod, service } from "../harness/objects.ts";

const TARGET = "xds:///greeter.default:8080";
const ZONES = nodes("r", "a", "b", "c");

const podOf = ({ address, port }: Backend, zone: string, state: Pod["state"] = "ready"): Pod => ({
  address,
  port,
  zone,
  state,
});

/** The greeter Service alone in its cluster. */
const greeter = (...pods: readonly Pod[]): string => manifest(...ZONES, ...service({ name: "greeter", pods }));

interface Options {
  readonly seconds?: number;
  readonly count?: number;
  readonly rate?: number;
  readonly deadline?: number;
}

const flags = (options: Options): string[] =>
  Object.entries({ method: METHOD, ...options }).flatMap(([name, value]) => [`--${name}`, String(value)]);

/** The part of the requests between two reports that went to pods whose name begins with the zone's. */
function partOf(before: ClientReport, after: ClientReport, zone: string): number {
  const served = ({ byPod }: ClientReport): number =>
    Object.entries(byPod).reduce((sum, [pod, count]) => sum + (pod.startsWith(zone) ? count : 0), 0);
  return (served(after) - served(before)) / (after.ok - before.ok);
}

const needed = (backends: ReadonlyMap<string, Backend>, name: string): Backend => {
  const backend = backends.get(name);
  if (backend === undefined) throw new Error(`no backend ${name}`);
  return backend;
};

/**
 * What every stock client must see, whatever its language.
 * @param command how its program is started: what stands before target and flags
 */
export function clientScenarios(name: string, command: readonly string[]): void {
  const dial = (servers: string, zone: string, options: Options, target = TARGET): ClientProcess =>
    startClient(
      [...command, target, ...flags(options)],
      bootstrapOf({ server: servers, id: `${name}-${zone}`, region: "r", zone, metadata: {} }),
    );

  describe(name, { timeout: 60_000 }, () => {
    test("the first request is answered", async () => {
      await using pod = await startBackend("one", "127.0.1.1");
      await using plane = await startControlPlane({ manifests: greeter(podOf(pod, "a")) });
      await using client = dial(plane.xds, "a", { count: 1 });
      expect(await client.summary()).toMatchObject({ ok: 1, failed: 0, byPod: { one: 1 } });
    });

    test("shares by zone are those of the assignment, within 3 points over 5,000 requests", async () => {
      const backends = await startBackends({ a1: "127.0.1.1", b1: "127.0.1.2", b2: "127.0.1.3", c1: "127.0.1.4" });
      await using ends = new AsyncDisposableStack();
      for (const backend of backends.values()) ends.use(backend);
      const pods = [...backends].map(([pod, backend]) => podOf(backend, pod.charAt(0)));
      await using plane = await startControlPlane({ manifests: greeter(...pods) });
      await using client = dial(plane.xds, "a", { rate: 2000 });
      for (let second = 0; second < 3; second += 1) await client.next(); // demand is looked at once a second
      const before = await client.next();
      const after = await client.until(({ ok }) => ok >= before.ok + 5000);
      const assigned = plane.shares("greeter.default:8080", { region: "r", zone: "a" });
      expect(after.failed).toBe(0);
      for (const zone of ["a", "b", "c"])
        expect(Math.abs(partOf(before, after, zone) - (assigned.get(zone) ?? 0)), zone).toBeLessThan(0.03);
    });

    test("scaled to zero and back, requests that wait for ready are all answered", async () => {
      await using pod = await startBackend("one", "127.0.1.1");
      await using plane = await startControlPlane({ manifests: greeter(podOf(pod, "a")) });
      await using client = dial(plane.xds, "a", { rate: 100, deadline: 20 });
      await client.until(({ ok }) => ok > 20);
      await plane.apply(greeter());
      await client.next();
      const before = await client.next();
      const during = await client.next();
      expect(during.ok - before.ok).toBeLessThan(3);
      await plane.apply(greeter(podOf(pod, "a")));
      await client.until(({ ok }) => ok > during.ok + 50);
      expect(await client.finish()).toMatchObject({ failed: 0, firstError: null });
    });

    test("a name that is unknown at first is served once it is created", async () => {
      await using pod = await startBackend("one", "127.0.1.1");
      await using plane = await startControlPlane({ manifests: manifest(...ZONES) });
      await using client = dial(plane.xds, "a", { count: 10, deadline: 30 });
      await plane.subscribed("greeter.default:8080");
      await plane.apply(greeter(podOf(pod, "a")));
      expect(await client.summary()).toMatchObject({ ok: 10, failed: 0 });
    });

    test("endpoints with IPv6 addresses serve", async () => {
      await using one = await startBackend("one", "::1");
      await using two = await startBackend("two", "::1");
      await using plane = await startControlPlane({ manifests: greeter(podOf(one, "a"), podOf(two, "a")) });
      await using client = dial(plane.xds, "a", { count: 40, rate: 100 });
      const report = await client.summary();
      expect(report).toMatchObject({ ok: 40, failed: 0 });
      expect(Object.keys(report.byPod).toSorted()).toEqual(["one", "two"]);
    });

    test("a server that restarts under traffic fails no request, and its client hears of later changes", async () => {
      await using one = await startBackend("one", "127.0.1.1");
      await using two = await startBackend("two", "127.0.1.2");
      const first = await startControlPlane({ manifests: greeter(podOf(one, "a")) });
      await using client = dial(first.xds, "a", { rate: 100 });
      await client.until(({ ok }) => ok > 20);
      await first[Symbol.asyncDispose]();
      await client.until(({ kind }) => kind === "progress");
      await using _second = await startControlPlane({ manifests: greeter(podOf(two, "a")), xds: first.xds });
      await client.until(({ byPod }) => (byPod.two ?? 0) > 20);
      expect(await client.finish()).toMatchObject({ failed: 0, firstError: null });
    });

    test("with two servers behind one target, one may die", async () => {
      await using one = await startBackend("one", "127.0.1.1");
      await using two = await startBackend("two", "127.0.1.2");
      const planes = await Promise.all([1, 2].map(() => startControlPlane({ manifests: greeter(podOf(one, "a")) })));
      await using ends = new AsyncDisposableStack();
      for (const plane of planes) ends.use(plane);
      await using client = dial(`ipv4:${planes.map(({ xds }) => xds).join(",")}`, "a", { rate: 100 });
      await client.until(({ ok }) => ok > 20);
      const [used, other] = planes.toSorted((a, b) => b.streams() - a.streams());
      await used?.[Symbol.asyncDispose]();
      await other?.apply(greeter(podOf(two, "a")));
      await client.until(({ byPod }) => (byPod.two ?? 0) > 20);
      expect(await client.finish()).toMatchObject({ failed: 0, firstError: null });
    });

    test("a bad object beside good ones harms nobody", async () => {
      await using pod = await startBackend("one", "127.0.1.1");
      const broken = {
        apiVersion: "v1",
        kind: "Service",
        metadata: { name: "broken" },
        spec: { ports: [{ port: "http" }] },
      };
      const text = manifest(broken, ...ZONES, ...service({ name: "greeter", pods: [podOf(pod, "a")] }));
      await using plane = await startControlPlane({ manifests: text });
      await using client = dial(plane.xds, "a", { count: 20 });
      expect(await client.summary()).toMatchObject({ ok: 20, failed: 0 });
    });

    test("a rolling replacement of all pods under traffic fails no request", async () => {
      const backends = await startBackends({ a1: "127.0.1.1", a2: "127.0.1.2", b1: "127.0.1.3", b2: "127.0.1.4" });
      await using ends = new AsyncDisposableStack();
      for (const backend of backends.values()) ends.use(backend);
      const [a1, a2, b1, b2] = ["a1", "a2", "b1", "b2"].map((pod) => needed(backends, pod)) as [
        Backend,
        Backend,
        Backend,
        Backend,
      ];
      await using plane = await startControlPlane({ manifests: greeter(podOf(a1, "a"), podOf(b1, "b")) });
      await using client = dial(plane.xds, "a", { rate: 200 });
      await client.until(({ ok }) => ok > 50);
      for (const [leaving, coming, staying, zone] of [
        [a1, a2, b1, "a"],
        [b1, b2, a2, "b"],
      ] as const) {
        const others = podOf(staying, zone === "a" ? "b" : "a");
        await plane.apply(greeter(podOf(leaving, zone), podOf(coming, zone), others));
        await client.next();
        await plane.apply(greeter(podOf(leaving, zone, "terminating"), podOf(coming, zone), others));
        await client.next();
        await leaving.stop();
        await plane.apply(greeter(podOf(coming, zone), others));
      }
      const before = await client.next();
      await client.until(({ ok }) => ok > before.ok + 100);
      const summary = await client.finish();
      expect(summary).toMatchObject({ failed: 0, firstError: null });
      expect(Object.keys(summary.byPod).toSorted()).toEqual(["a1", "a2", "b1", "b2"]);
    });
  });
}
