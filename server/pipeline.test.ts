import { describe, expect, test } from "vitest";
import { UNKNOWN, type ZoneClass } from "../snapshots/balance/zone.ts";
import type { KubernetesObject } from "../snapshots/objects.ts";
import { ASSIGNMENT, CLUSTER, SEND_ORDER } from "../snapshots/type-url.ts";
import { viewOf } from "../snapshots/view.ts";
import { Convergence } from "./convergence.ts";
import { createCurrent } from "./current.ts";
import { silentLog } from "./log.ts";
import { createMetrics } from "./metrics.ts";
import { createFakeClock, createFakeSource, EPOCH, member, service, slice } from "./pipeline/fixtures.ts";
import { startPipeline } from "./pipeline.ts";
import { createRoster, type Roster } from "./roster.ts";
import type { Feed } from "./sources/source.ts";

interface Setup {
  readonly sources?: readonly ReturnType<typeof createFakeSource>[];
  readonly around?: (roster: Roster) => Roster;
}

/** A pipeline with nothing real around it but the roster. */
function setUp({ sources = [createFakeSource("one")], around = (roster) => roster }: Setup = {}) {
  const { clock, advance, armed } = createFakeClock();
  const roster = around(createRoster(clock.wall));
  const metrics = createMetrics();
  const { reader, publish } = createCurrent();
  const published: Record<string, readonly string[]>[] = [];
  reader.onPublish((_, changes) => {
    published.push(Object.fromEntries([...changes].map(([typeUrl, names]) => [typeUrl.split(".").at(-1), names])));
  });
  const settings = { removalGraceMs: 30_000, gatherMs: 20, clusterDomain: "cluster.local" };
  const pipeline = startPipeline({
    sources: sources.map(({ source }) => source),
    publish,
    roster,
    convergence: new Convergence(clock, metrics),
    clock,
    log: silentLog,
    metrics,
    settings,
  });
  const snapshot = () => reader.get()?.snapshot;
  return {
    pipeline,
    roster,
    metrics,
    advance,
    armed,
    snapshot,
    current: reader,
    /** What each publish said had changed, by type. */
    published,
    addresses: (name: string) =>
      snapshot()
        ?.workloads.get(`${name}.shop:80`)
        ?.endpoints.map(({ address }) => address),
  };
}

/** A pipeline that has published its first snapshot, a second ago. */
function running(...objects: KubernetesObject[]) {
  const source = createFakeSource("one");
  const world = setUp({ sources: [source] });
  source.ready(...objects);
  world.advance(1_000);
  world.published.length = 0;
  return { ...world, source };
}

const totalOf = async (metric: { get(): Promise<{ values: readonly { value: number }[] }> }): Promise<number> =>
  (await metric.get()).values.reduce((sum, { value }) => sum + value, 0);

describe("before everything was read", () => {
  test("B7, H4: nothing is published until every feed of every source is ready", () => {
    const [one, two] = [createFakeSource("one"), createFakeSource("two", ["Service"])];
    const world = setUp({ sources: [one, two] });
    one.ready(service("a"), slice("a", "10.0.0.1"));
    world.advance(60_000);
    expect([world.current.get(), world.pipeline.status().ready]).toEqual([undefined, false]);
    two.ready(service("b"));
    expect([...(world.snapshot()?.published.keys() ?? [])].toSorted()).toEqual(["a.shop:80", "b.shop:80"]);
    expect(world.pipeline.status().ready).toBe(true);
  });

  test("its status names each feed and each source, and why it waits", () => {
    const one = createFakeSource("one", ["Service"]);
    const world = setUp({ sources: [one] });
    world.advance(500);
    one.say({ kind: "status", source: "one", healthy: false, detail: "no such file" });
    expect(world.pipeline.status()).toEqual({
      ready: false,
      feeds: [{ source: "one", kind: "Service", ready: false, objects: 0 }],
      sources: [{ name: "one", healthy: false, detail: "no such file", since: EPOCH + 500 }],
    });
    world.advance(500);
    one.say({ kind: "status", source: "one", healthy: true, detail: "read" });
    one.ready(service("a"));
    world.advance(100);
    one.say({ kind: "status", source: "one", healthy: true, detail: "read again" });
    expect(world.pipeline.status()).toEqual({
      ready: true,
      feeds: [{ source: "one", kind: "Service", ready: true, objects: 1 }],
      sources: [{ name: "one", healthy: true, detail: "read again", since: EPOCH + 1_000 }],
      lastPublishAt: EPOCH + 1_000,
    });
  });
});

describe("what is published when", () => {
  test("E16: the first change goes out at once, and names what changed", () => {
    const { source, published, addresses } = running(service("a"), slice("a", "10.0.0.1"));
    source.apply(slice("a", "10.0.0.1", "10.0.0.2"));
    expect(published).toEqual([{ ClusterLoadAssignment: ["a.shop:80"] }]);
    expect(addresses("a")).toEqual(["10.0.0.1", "10.0.0.2"]);
  });

  test("E16: changes right after a publish go out together, 20 ms after the first of them", () => {
    const { source, published, advance, addresses } = running(service("a"), slice("a", "10.0.0.1"));
    source.apply(slice("a", "10.0.0.1", "10.0.0.2"));
    advance(5);
    source.apply(slice("a", "10.0.0.1", "10.0.0.2", "10.0.0.3"));
    advance(10);
    source.apply(service("b"));
    expect(published.length).toBe(1);
    advance(9);
    expect(published.length).toBe(1);
    advance(1);
    expect(published.length).toBe(2);
    expect(published[1]).toMatchObject({ ClusterLoadAssignment: ["a.shop:80", "b.shop:80"], Cluster: ["b.shop:80"] });
    expect(addresses("a")?.length).toBe(3);
  });

  test("E16: an endpoint that leaves waits for nothing, and takes along what was gathered", () => {
    const { source, published, advance, addresses } = running(service("a"), slice("a", "10.0.0.1", "10.0.0.2"));
    source.apply(service("b"));
    advance(1);
    source.apply(service("c"));
    expect(published.length).toBe(1);
    source.apply(slice("a", "10.0.0.1"));
    expect(published.length).toBe(2);
    expect([addresses("a"), addresses("c")]).toEqual([["10.0.0.1"], []]);
    advance(1_000);
    expect(published.length).toBe(2);
  });

  test("H11, E16: an endpoint that begins to terminate waits for nothing", () => {
    const { source, published, addresses } = running(service("a"), slice("a", "10.0.0.1", "10.0.0.2"));
    source.apply(service("b"));
    const [first, second] = slice("a", "10.0.0.1", "10.0.0.2").endpoints;
    const leaving = { ...second, address: "10.0.0.2", ready: false, serving: false, terminating: true };
    source.apply({ ...slice("a"), endpoints: [...(first ? [first] : []), leaving] });
    expect(published.length).toBe(2);
    expect(addresses("a")).toEqual(["10.0.0.1"]);
  });

  test("E17: what changes nothing publishes nothing, and 10 quiet minutes do not either", () => {
    const { source, published, advance } = running(service("a"), slice("a", "10.0.0.1"));
    source.apply(service("a"), slice("a", "10.0.0.1"));
    source.ready(service("a"), slice("a", "10.0.0.1"));
    advance(600_000);
    expect(published).toEqual([]);
  });

  test("problems of a source are published without a change of any resource", () => {
    const { source, published, current } = running(service("a"));
    const problem = { object: "file a.yaml:1:1", code: "bad-syntax", message: "no" };
    source.say({ kind: "problems", source: "one", problems: [problem] });
    expect(published).toEqual([{}]);
    expect(current.get()?.sourceProblems.get("one")).toEqual([problem]);
  });

  test("L4: a relist is published when it is complete, with all that it took away", () => {
    const { source, published, advance, snapshot } = running(service("a"), service("b"));
    const feed: Feed = { source: "one", kind: "Service" };
    source.say({ kind: "init", feed }, { kind: "apply", feed, object: service("a") });
    advance(10_000);
    expect(published).toEqual([]);
    source.say({ kind: "ready", feed });
    expect(snapshot()?.model.workloads.get("b.shop:80")?.goneSince).toBeDefined();
    expect(snapshot()?.model.workloads.get("a.shop:80")?.goneSince).toBeUndefined();
  });

  test("how long a change takes counts from its first report, and from the oldest moment that its slices give", async () => {
    const { source, advance, metrics } = running(service("a"), slice("a", "10.0.0.1"));
    advance(1000);
    source.apply({ ...slice("a", "10.0.0.2"), changedAt: EPOCH + 1900 });
    source.apply({ ...slice("a", "10.0.0.2", "10.0.0.3"), changedAt: EPOCH + 1950 });
    advance(5);
    source.apply({ ...slice("a", "10.0.0.2", "10.0.0.3", "10.0.0.4"), changedAt: EPOCH + 1940 });
    advance(20);
    const sums = (await metrics.registry.metrics()).split("\n").filter((line) => line.includes("seconds_sum{from"));
    expect(sums).toEqual([
      'evenkeel_convergence_seconds_sum{from="report",to="publish"} 0.02',
      'evenkeel_convergence_seconds_sum{from="object",to="publish"} 0.18',
    ]);
  });

  test("E27: how long a change took, events and relists are counted", async () => {
    const { source, advance, metrics } = running(service("a"), slice("a", "10.0.0.1"));
    source.apply(slice("a", "10.0.0.1", "10.0.0.2"));
    source.apply(service("b"));
    source.say({ kind: "status", source: "one", healthy: true, detail: "" });
    advance(20);
    const text = await metrics.registry.metrics();
    expect(text.split("\n")).toEqual(
      expect.arrayContaining([
        "evenkeel_publishes_total 3",
        'evenkeel_convergence_seconds_sum{from="report",to="publish"} 0.02',
        'evenkeel_source_events_total{source="one",kind="Service"} 3',
        'evenkeel_source_relists_total{source="one",kind="EndpointSlice"} 1',
        'evenkeel_source_healthy{source="one"} 1',
      ]),
    );
  });
});

describe("what goes", () => {
  test("B18: a Service that is gone keeps its last assignment for the grace, then its cluster goes", () => {
    const { source, published, advance, snapshot, addresses } = running(service("a"), slice("a", "10.0.0.1"));
    source.remove("Service", "shop/a");
    advance(29_999);
    expect(addresses("a")).toEqual(["10.0.0.1"]);
    expect(published.filter((changes) => changes.Cluster !== undefined)).toEqual([]);
    advance(2);
    expect(snapshot()?.published.has("a.shop:80")).toBe(false);
    expect(published.at(-1)).toMatchObject({ Cluster: ["a.shop:80"], ClusterLoadAssignment: ["a.shop:80"] });
  });

  test("H8: a Service that comes back within the grace never went", () => {
    const { source, published, advance, addresses } = running(service("a"), slice("a", "10.0.0.1"));
    source.remove("Service", "shop/a");
    advance(20_000);
    source.apply(service("a"));
    advance(60_000);
    expect(addresses("a")).toEqual(["10.0.0.1"]);
    expect(published.filter((changes) => changes.Cluster !== undefined)).toEqual([]);
  });

  test("B18: its assignment stays, empty, for as long as anybody asks for it", () => {
    const { source, roster, advance, snapshot } = running(service("a"), slice("a", "10.0.0.1"));
    const asking = member("1");
    roster.join(asking);
    roster.subscribe(asking, ASSIGNMENT, "a.shop:80");
    source.remove("Service", "shop/a");
    advance(600_000);
    expect(snapshot()?.retired.has("a.shop:80")).toBe(true);
    roster.leave(asking);
    advance(5_000);
    expect(snapshot()?.retired.size).toBe(0);
  });

  test("B18: a name that a client knows from before a restart, and nobody has for the grace, is answered empty", () => {
    const { roster, published, advance, snapshot } = running(service("a"));
    const asking = member("1");
    roster.join(asking);
    for (const name of ["gone.shop:80", "a.shop:80", "no canonical name"]) roster.subscribe(asking, ASSIGNMENT, name);
    roster.subscribe(asking, CLUSTER, "never.shop:80");
    advance(29_000);
    expect(snapshot()?.retired.size).toBe(0);
    advance(6_000);
    expect([...(snapshot()?.retired.keys() ?? [])]).toEqual(["gone.shop:80"]);
    expect(published).toEqual([{ ClusterLoadAssignment: ["gone.shop:80"] }]);
  });

  test("a retired name that gets a Service lives", () => {
    const { source, roster, advance, snapshot, addresses } = running();
    const asking = member("1");
    roster.join(asking);
    roster.subscribe(asking, ASSIGNMENT, "a.shop:80");
    advance(35_000);
    expect(snapshot()?.retired.has("a.shop:80")).toBe(true);
    source.apply(service("a"), slice("a", "10.0.0.1"));
    expect([snapshot()?.retired.size, addresses("a")]).toEqual([0, ["10.0.0.1"]]);
  });
});

describe("demand", () => {
  /** A roster that notes how often it is asked for demand. */
  const counted = (asked: string[]) => (roster: Roster) => ({
    ...roster,
    demand: (cluster: string) => {
      asked.push(cluster);
      return roster.demand(cluster);
    },
  });

  test("of a fleet that connects at once is looked at once, as a whole", () => {
    const asked: string[] = [];
    const source = createFakeSource("one");
    const { roster, advance } = setUp({ sources: [source], around: counted(asked) });
    source.ready(service("a"), slice("a", "10.0.0.1"));
    asked.length = 0;
    for (let i = 0; i < 50; i += 1) {
      const one = member(String(i), { kind: "known", zone: { region: "", zone: "a" } });
      roster.join(one);
      roster.subscribe(one, ASSIGNMENT, "a.shop:80");
      roster.subscribe(one, ASSIGNMENT, "nobody.shop:80");
      advance(10);
    }
    expect(asked).toEqual([]);
    advance(1_000);
    expect(asked).toEqual(["a.shop:80"]);
  });

  test("that comes later is looked at again, a second after it came", () => {
    const asked: string[] = [];
    const source = createFakeSource("one");
    const { roster, advance } = setUp({ sources: [source], around: counted(asked) });
    source.ready(service("a"), slice("a", "10.0.0.1"));
    asked.length = 0;
    for (const id of ["1", "2", "3"]) {
      const one = member(id);
      roster.join(one);
      roster.subscribe(one, ASSIGNMENT, "a.shop:80");
      advance(1_500);
    }
    expect(asked).toEqual(["a.shop:80", "a.shop:80", "a.shop:80"]);
  });

  test("before anything is published is not looked at", () => {
    const asked: string[] = [];
    const { roster, advance } = setUp({ around: counted(asked) });
    const one = member("1");
    roster.join(one);
    roster.subscribe(one, ASSIGNMENT, "a.shop:80");
    advance(10_000);
    expect(asked).toEqual([]);
  });
});

describe("two replicas", () => {
  const node = (name: string, zone: string): KubernetesObject => ({ kind: "Node", name, zone, podCidrs: [] });
  const files: readonly (readonly KubernetesObject[])[] = [
    [service("a"), slice("a", "10.0.0.1", "10.0.0.2"), node("n1", "a")],
    [service("b"), slice("b", "10.0.1.1")],
    [{ ...slice("a", "10.0.0.3", "10.0.0.1"), name: "a-2" }, node("n2", "b")],
  ];

  /** Every version that some client could see, by kind, zone, type and name. */
  function versionsIn({ current }: ReturnType<typeof setUp>): readonly string[] {
    const snapshot = current.get()?.snapshot;
    if (snapshot === undefined) return [];
    const zones: readonly ZoneClass[] = [UNKNOWN, { kind: "known", zone: { region: "", zone: "a" } }];
    return (["grpc", "envoy"] as const).flatMap((kind) =>
      zones.flatMap((zoneClass, i) =>
        SEND_ORDER.flatMap((typeUrl) =>
          ["a.shop:80", "b.shop:80"].map((name) => {
            const version = viewOf(snapshot, zoneClass, kind).get(typeUrl, name)?.version;
            return [kind, i, typeUrl, name, version].join(" ");
          }),
        ),
      ),
    );
  }

  test("B14, E26: that read the same files in another order publish equal versions", () => {
    const source = createFakeSource("one");
    const other = setUp({ sources: [source] });
    source.ready(...files.toReversed().flatMap((objects) => objects.toReversed()));
    const versions = versionsIn(running(...files.flat()));
    expect(versions).toEqual(versionsIn(other));
    expect(new Set(versions).size).toBe(32);
    expect(versions.filter((line) => line.endsWith(" "))).toEqual([]); // each has a version
  });

  test("B14, E26: that saw other histories publish equal versions once they know the same", () => {
    const { source, ...other } = running(service("gone"), service("a"), slice("a", "10.9.9.9"));
    source.remove("Service", "shop/gone");
    for (const object of files.toReversed().flat()) source.apply(object);
    other.advance(60_000);
    expect(versionsIn(other)).toEqual(versionsIn(running(...files.flat())));
  });
});

describe("a bug in a stage", () => {
  const failing = (roster: Roster): Roster => ({
    ...roster,
    demand: (cluster) => {
      if (cluster.startsWith("bug")) throw new Error("a bug");
      return roster.demand(cluster);
    },
  });

  test("B22, H7: harms only the Service that shows it, at the first publish and later", async () => {
    const source = createFakeSource("one");
    const { metrics, addresses, snapshot } = setUp({ sources: [source], around: failing });
    source.ready(service("a"), slice("a", "10.0.0.1"), service("bug"), service("b"));
    expect([...(snapshot()?.published.keys() ?? [])].toSorted()).toEqual(["a.shop:80", "b.shop:80"]);
    source.apply(slice("bug", "10.0.0.9"), slice("a", "10.0.0.2"));
    expect(addresses("a")).toEqual(["10.0.0.2"]);
    expect(await totalOf(metrics.failures)).toBe(4);
  });

  test("in who is told of a publish does not stop the next one", () => {
    const { source, current, addresses, advance } = running(service("a"), slice("a", "10.0.0.1"));
    const end = current.onPublish(() => {
      throw new Error("a bug");
    });
    source.apply(slice("a", "10.0.0.2"));
    end();
    advance(1_000);
    source.apply(slice("a", "10.0.0.3"));
    expect(addresses("a")).toEqual(["10.0.0.3"]);
  });
});

test("after its end nothing is waited for, whatever clients do", async () => {
  const { source, pipeline, roster, armed, advance, published } = running(service("a"), slice("a", "10.0.0.1"));
  source.remove("Service", "shop/a");
  source.apply(service("b"));
  source.apply(service("c"));
  const before = published.length;
  await pipeline[Symbol.asyncDispose]();
  const one = member("1");
  roster.join(one);
  roster.subscribe(one, ASSIGNMENT, "a.shop:80");
  expect(armed()).toBe(0);
  advance(60_000);
  expect(published.length).toBe(before);
});
