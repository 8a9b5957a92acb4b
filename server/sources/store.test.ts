import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type EndpointSlice,
  type KubernetesObject,
  type Namespace,
  type Node,
  type ObjectKey,
  objectKey,
  type Service,
} from "../../snapshots/objects.ts";
import type { Feed, SourceEvent } from "./source.ts";
import { emptyStore, isReady, reduce, type Store } from "./store.ts";

const feed = (kind: Feed["kind"], source = "one"): Feed => ({ source, kind });
const FEEDS: readonly Feed[] = [feed("Service"), feed("EndpointSlice"), feed("Node"), feed("Namespace")];
const TWO_SOURCES: readonly Feed[] = [...FEEDS, ...FEEDS.map(({ kind }) => feed(kind, "two"))];

const service = (name: string, more: Partial<Service> = {}): Service => ({
  kind: "Service",
  namespace: "shop",
  name,
  annotations: {},
  type: "ClusterIP",
  ports: [{ name: "grpc", port: 8080, protocol: "TCP" }],
  ipFamilies: ["IPv4"],
  internalTrafficPolicy: "Cluster",
  ...more,
});

const slice = (name: string, owner: string | undefined, ...addresses: string[]): EndpointSlice => ({
  kind: "EndpointSlice",
  namespace: "shop",
  name,
  ...(owner === undefined ? {} : { service: owner }),
  addressType: "IPv4",
  ports: [],
  endpoints: addresses.map((address) => ({ address })),
});

const node = (name: string, more: Partial<Node> = {}): Node => ({ kind: "Node", name, podCidrs: [], ...more });

const namespace = (name: string, annotations: Namespace["annotations"] = {}): Namespace => ({
  kind: "Namespace",
  name,
  annotations,
});

const apply = (object: KubernetesObject, source = "one"): SourceEvent => ({
  kind: "apply",
  feed: feed(object.kind, source),
  object,
});
const remove = (kind: Feed["kind"], key: ObjectKey, source = "one"): SourceEvent => ({
  kind: "remove",
  feed: feed(kind, source),
  key,
});
const init = (of: Feed): SourceEvent => ({ kind: "init", feed: of });
const ready = (of: Feed): SourceEvent => ({ kind: "ready", feed: of });

/** All feeds read once, with these objects in them. */
const storeOf = (...objects: KubernetesObject[]): Store =>
  reduce(emptyStore(FEEDS), [...FEEDS.map(init), ...objects.map((object) => apply(object)), ...FEEDS.map(ready)]).store;

const slicesOf = (store: Store, owner: string): readonly string[] =>
  (store.objects.slicesByService.get(`shop/${owner}`) ?? []).map(({ name }) => name);

const touchedBy = (store: Store, ...burst: SourceEvent[]) => {
  const { touched } = reduce(store, burst);
  return { services: [...touched.services].toSorted(), topology: touched.topology };
};

const NOTHING = { services: [], topology: false };

describe("completeness", () => {
  test("H4, L10: a store is ready when every feed has said that this was all", () => {
    const steps = FEEDS.map(ready);
    const stores = steps.map((_, i) => reduce(emptyStore(FEEDS), steps.slice(0, i + 1)).store);
    expect(stores.map(isReady)).toEqual([false, false, false, true]);
  });

  test("L4: a relist shows its objects when it is complete, and takes away what it did not repeat", () => {
    const before = storeOf(service("a"), service("b"));
    const halfway = reduce(before, [init(feed("Service")), apply(service("c"))]);
    const after = reduce(halfway.store, [ready(feed("Service"))]);
    expect(halfway.touched.services.size).toBe(0);
    expect([...halfway.store.objects.services.keys()].toSorted()).toEqual(["shop/a", "shop/b"]);
    expect([...after.store.objects.services.keys()]).toEqual(["shop/c"]);
    expect([...after.touched.services].toSorted()).toEqual(["shop/a", "shop/b", "shop/c"]);
  });

  test("a relist that begins anew forgets its first attempt", () => {
    const burst = [
      init(feed("Service")),
      apply(service("a")),
      init(feed("Service")),
      apply(service("b")),
      ready(feed("Service")),
    ];
    const { store } = reduce(storeOf(), burst);
    expect([...store.objects.services.keys()]).toEqual(["shop/b"]);
  });

  test("L7: a relist that never ends leaves what was known", () => {
    const { store } = reduce(storeOf(service("a")), [init(feed("Service"))]);
    expect(store.objects.services.has("shop/a")).toBe(true);
    expect(isReady(store)).toBe(true);
  });
});

describe("what is touched", () => {
  test("the moment that a changed slice gives is the oldest of the new ones; one that stays is of an earlier change", () => {
    const at = (name: string, changedAt: number | undefined, ...addresses: string[]): SourceEvent =>
      apply({ ...slice(name, "a", ...addresses), ...(changedAt !== undefined && { changedAt }) });
    const before = reduce(storeOf(service("a")), [at("one", 5, "10.0.0.1"), at("two", 6, "10.0.0.2")]);
    const momentOf = (...events: SourceEvent[]) => reduce(before.store, events).touched.changedAt;
    expect([
      before.touched.changedAt,
      momentOf(at("one", 9, "10.0.0.3"), at("two", 8)),
      momentOf(at("one", 5, "10.0.0.3")),
      momentOf(at("one", undefined, "10.0.0.3")),
      momentOf(remove("EndpointSlice", "shop/one")),
    ]).toEqual([5, 8, undefined, undefined, undefined]);
  });

  test("L14, E17: an object that is equal by content touches nothing, and stays the object it was", () => {
    const before = storeOf(service("a"), slice("a-1", "a", "10.0.0.1"));
    const after = reduce(before, [apply(service("a")), apply(slice("a-1", "a", "10.0.0.1"))]);
    expect(after.touched).toEqual({ services: new Set(), topology: false, changedAt: undefined });
    expect(after.store.objects).toBe(before.objects);
  });

  test("L14: a relist that repeats what was known touches nothing", () => {
    const before = storeOf(service("a"), node("n", { zone: "z" }));
    const again = [...FEEDS.map(init), apply(service("a")), apply(node("n", { zone: "z" })), ...FEEDS.map(ready)];
    expect(touchedBy(before, ...again)).toEqual(NOTHING);
  });

  test.each<[string, SourceEvent, ReturnType<typeof touchedBy>]>([
    ["a changed Service", apply(service("a", { type: "NodePort" })), { services: ["shop/a"], topology: false }],
    ["a removed Service", remove("Service", "shop/a"), { services: ["shop/a"], topology: false }],
    ["an unknown removal", remove("Service", "shop/none"), NOTHING],
    ["a slice of no Service", apply(slice("s", undefined, "10.0.0.9")), NOTHING],
    ["a slice before its Service", apply(slice("s", "later")), { services: ["shop/later"], topology: false }],
    [
      "annotations of a namespace",
      apply(namespace("shop", { x: "y" })),
      { services: ["shop/a", "shop/b"], topology: false },
    ],
    ["a namespace without annotations", apply(namespace("shop")), NOTHING],
    ["annotations of a namespace without Services", apply(namespace("other", { x: "y" })), NOTHING],
    ["a node that gets a zone", apply(node("n", { zone: "z" })), { services: [], topology: true }],
    ["a node that gets addresses", apply(node("n", { podCidrs: ["10.1.0.0/24"] })), { services: [], topology: true }],
    ["a new node that says nothing", apply(node("m")), NOTHING],
  ])("%s touches just what may differ", (_, event, expected) => {
    const store = storeOf(service("a"), service("b"), slice("a-1", "a", "10.0.0.1"), node("n"));
    expect(touchedBy(store, event)).toEqual(expected);
  });

  test("one that changes and changes back within a burst touches nothing", () => {
    expect(touchedBy(storeOf(service("a")), remove("Service", "shop/a"), apply(service("a")))).toEqual(NOTHING);
  });
});

describe("slices and their Services", () => {
  test("H1b: a slice that is deleted by its key alone touches the Service it belonged to", () => {
    const before = storeOf(service("a"), slice("a-1", "a"), slice("a-2", "a"));
    const { store, touched } = reduce(before, [remove("EndpointSlice", "shop/a-1")]);
    expect([...touched.services]).toEqual(["shop/a"]);
    expect(slicesOf(store, "a")).toEqual(["a-2"]);
  });

  test("H1b: a slice that changes hands leaves the one Service, joins the other, and touches both", () => {
    const { store, touched } = reduce(storeOf(slice("s", "a")), [apply(slice("s", "b"))]);
    expect([...touched.services].toSorted()).toEqual(["shop/a", "shop/b"]);
    expect([slicesOf(store, "a"), slicesOf(store, "b")]).toEqual([[], ["s"]]);
    expect(store.objects.slicesByService.has("shop/a")).toBe(false);
  });

  test("H1b: a slice that loses its label leaves its Service", () => {
    const { store, touched } = reduce(storeOf(slice("s", "a")), [apply(slice("s", undefined))]);
    expect([...touched.services]).toEqual(["shop/a"]);
    expect(slicesOf(store, "a")).toEqual([]);
  });

  test("H1b: slices outlive their Service and are there when it comes back", () => {
    const gone = reduce(storeOf(service("a"), slice("a-1", "a")), [remove("Service", "shop/a")]).store;
    expect(slicesOf(gone, "a")).toEqual(["a-1"]);
  });

  test("H2: the slices of a Service stand in order of name, however they came", () => {
    const store = reduce(storeOf(slice("c", "a"), slice("a", "a")), [apply(slice("b", "a"))]).store;
    expect(slicesOf(store, "a")).toEqual(["a", "b", "c"]);
  });
});

describe("several sources", () => {
  const bothReady = reduce(emptyStore(TWO_SOURCES), TWO_SOURCES.map(ready)).store;
  const both = reduce(bothReady, [apply(service("a", { type: "NodePort" }), "two"), apply(service("a"), "one")]).store;

  test("of one key in two sources the first source wins, and the other's shows as a problem", () => {
    expect(both.objects.services.get("shop/a")?.type).toBe("ClusterIP");
    expect(both.problems.get("two")).toEqual([
      { object: "Service shop/a", code: "conflict", message: "is not used, since one reports it too and comes first" },
    ]);
    expect(both.problems.get("one") ?? []).toEqual([]);
  });

  test("what the first source drops is taken from the second, without a problem", () => {
    const { store, touched } = reduce(both, [remove("Service", "shop/a", "one")]);
    expect(store.objects.services.get("shop/a")?.type).toBe("NodePort");
    expect([...touched.services]).toEqual(["shop/a"]);
    expect(store.problems.get("two") ?? []).toEqual([]);
  });

  test("a change of what is passed over touches nothing", () => {
    expect(touchedBy(both, apply(service("a", { type: "LoadBalancer" }), "two"))).toEqual(NOTHING);
  });
});

describe("what sources say of themselves", () => {
  const problem = { object: "file a.yaml:1:1", code: "bad-syntax", message: "no" };
  const said: SourceEvent = { kind: "problems", source: "one", problems: [problem] };

  test("problems replace those said before, and stay the same map when they are said again", () => {
    const first = reduce(emptyStore(FEEDS), [said]).store;
    const again = reduce(first, [{ ...said }]).store;
    const none = reduce(again, [{ ...said, problems: [] }]).store;
    expect(first.problems.get("one")).toEqual([problem]);
    expect(again.problems).toBe(first.problems);
    expect(none.problems.get("one")).toEqual([]);
  });

  test("a source is as healthy as it last said", () => {
    const status = (healthy: boolean): SourceEvent => ({ kind: "status", source: "one", healthy, detail: "" });
    expect(reduce(emptyStore(FEEDS), [status(false), status(true)]).store.health.get("one")?.healthy).toBe(true);
  });
});

const NAMES = ["a", "b", "c"] as const;
const anyName = fc.constantFrom(...NAMES);
const anySource = fc.constantFrom("one", "two");
const anyObject: fc.Arbitrary<KubernetesObject> = fc.oneof(
  fc
    .tuple(anyName, fc.constantFrom<Service["type"]>("ClusterIP", "NodePort"))
    .map(([name, type]) => service(name, { type })),
  fc.tuple(anyName, fc.option(anyName, { nil: undefined }), anyName).map(([name, owner, at]) => slice(name, owner, at)),
  fc.tuple(anyName, anyName).map(([name, zone]) => node(name, { zone })),
  fc.tuple(fc.constant("shop"), anyName).map(([name, value]) => namespace(name, { value })),
);
const anyEvent: fc.Arbitrary<SourceEvent> = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(anyObject, anySource).map(([object, source]) => apply(object, source)) },
  {
    weight: 3,
    arbitrary: fc.tuple(anyObject, anySource).map(([object, source]) => remove(object.kind, objectKey(object), source)),
  },
  { weight: 1, arbitrary: fc.constantFrom(...TWO_SOURCES).map(init) },
  { weight: 1, arbitrary: fc.constantFrom(...TWO_SOURCES).map(ready) },
);
const anyBursts = fc.array(fc.array(anyEvent, { maxLength: 6 }), { maxLength: 12 });

const contents = ({ objects }: Store) => ({
  services: [...objects.services.entries()].toSorted(),
  slices: [...objects.slicesByService.entries()].toSorted(),
  nodes: [...objects.nodes.entries()].toSorted(),
  namespaces: [...objects.namespaces.entries()].toSorted(),
});

type Held = ReadonlyMap<ObjectKey, SourceEvent>;

/** What one feed shows in the end, by a model that knows nothing of tables, bursts and joins. */
function finalOf(events: readonly SourceEvent[]): Held {
  let shown = new Map<ObjectKey, SourceEvent>();
  let incoming: Map<ObjectKey, SourceEvent> | undefined;
  for (const event of events) {
    switch (event.kind) {
      case "apply":
        (incoming ?? shown).set(objectKey(event.object), event);
        break;
      case "remove":
        (incoming ?? shown).delete(event.key);
        break;
      case "init":
        incoming = new Map();
        break;
      case "ready":
        [shown, incoming] = [incoming ?? shown, undefined];
    }
  }
  return shown;
}

const finalObjects = (events: readonly SourceEvent[]): readonly SourceEvent[] =>
  TWO_SOURCES.flatMap((one) => [
    ...finalOf(
      events.filter((event) => "feed" in event && JSON.stringify(event.feed) === JSON.stringify(one)),
    ).values(),
  ]);

describe("any history", () => {
  test("H3, L13: the store holds what a fresh store of the final objects would", () => {
    fc.assert(
      fc.property(anyBursts, (bursts) => {
        const walked = bursts.reduce((store, burst) => reduce(store, burst).store, emptyStore(TWO_SOURCES));
        const fresh = reduce(emptyStore(TWO_SOURCES), finalObjects(bursts.flat())).store;
        expect(contents(walked)).toEqual(contents(fresh));
        expect(new Map([...walked.problems].filter(([, list]) => list.length > 0))).toEqual(fresh.problems);
      }),
      { numRuns: 500 },
    );
  });

  test("how events are cut into bursts changes nothing", () => {
    fc.assert(
      fc.property(anyBursts, (bursts) => {
        const one = reduce(emptyStore(TWO_SOURCES), bursts.flat()).store;
        const each = bursts.flat().reduce((store, event) => reduce(store, [event]).store, emptyStore(TWO_SOURCES));
        expect(contents(each)).toEqual(contents(one));
      }),
    );
  });

  test("a Service whose objects differ after a burst is among the touched", () => {
    fc.assert(
      fc.property(anyBursts, fc.array(anyEvent, { maxLength: 6 }), (bursts, burst) => {
        const before = bursts.reduce((store, one) => reduce(store, one).store, emptyStore(TWO_SOURCES));
        const { store, touched } = reduce(before, burst);
        const seen = (of: Store, key: ObjectKey) =>
          JSON.stringify([
            of.objects.services.get(key),
            of.objects.slicesByService.get(key),
            of.objects.namespaces.get("shop"),
          ]);
        const keys = NAMES.map((name) => `shop/${name}`).filter((key) => store.objects.services.has(key));
        const differing = keys.filter((key) => seen(before, key) !== seen(store, key));
        expect(differing.filter((key) => !touched.services.has(key))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});
