/** What every source promises. Each source's test file calls `sourceContract` once. */
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { Source, SourceEvent } from "./source.ts";
import { emptyStore, isReady, reduce, type Store } from "./store.ts";

/** A Kubernetes object as its users write it; perhaps a bad one. */
export interface RawObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

/** A source, and hands on what it reads from. */
export interface SourceUnderTest extends AsyncDisposable {
  /** Not started yet. */
  readonly source: Source;
  put(object: RawObject): Promise<void>;
  delete(object: RawObject): Promise<void>;
  /** From now on nothing can be read. What is put or deleted meanwhile shows after `heal`. */
  break(): Promise<void>;
  heal(): Promise<void>;
}

/** Long enough for every source to read again; a test that waits for it to its end has failed. */
const PATIENCE_MS = 10_000;
/** Long enough for a source to report what it should not. */
const QUIET_MS = 300;

const service = (name: string, port: unknown = 80) => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name, namespace: "shop" },
  spec: { ports: [{ port }] },
});

/** Starts a source and keeps the store of what it reports. */
function follow(source: Source) {
  const events: SourceEvent[] = [];
  let store = emptyStore(source.feeds);
  const running = source.start((burst) => {
    events.push(...burst);
    store = reduce(store, burst).store;
  });
  return {
    events,
    store: (): Store => store,
    until: async (holds: (store: Store) => boolean): Promise<Store> => {
      const limit = performance.now() + PATIENCE_MS;
      while (!holds(store)) {
        if (performance.now() > limit)
          throw new Error(`it did not come so; last events: ${JSON.stringify(events.slice(-5))}`);
        await delay(10);
      }
      return store;
    },
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  };
}

const names = ({ objects }: Store): readonly string[] => [...objects.services.keys()].toSorted();

const isHealthy = ({ health }: Store): boolean =>
  [...health.values()].every(({ healthy }) => healthy) && health.size > 0;

const holdsPort = (port: number) => (store: Store) => store.objects.services.get("shop/cart")?.ports[0]?.port === port;

export function sourceContract(name: string, open: () => Promise<SourceUnderTest>): void {
  describe(`${name}, as a source`, () => {
    test("L10: it says what is there, then that this was all, for each of its feeds", async () => {
      await using world = await open();
      await world.put(service("cart"));
      await using reader = follow(world.source);
      await reader.until(isReady);
      const ofServices = reader.events.filter((event) => "feed" in event && event.feed.kind === "Service");
      expect(ofServices.map(({ kind }) => kind)).toEqual(["init", "apply", "ready"]);
      expect(isHealthy(await reader.until(isHealthy))).toBe(true);
    });

    test("all its events are of its own name and its own feeds", async () => {
      await using world = await open();
      await world.put(service("cart"));
      await using reader = follow(world.source);
      await reader.until(isReady);
      const feeds = world.source.feeds.map((feed) => JSON.stringify(feed));
      const strange = reader.events.filter((event) =>
        "feed" in event ? !feeds.includes(JSON.stringify(event.feed)) : event.source !== world.source.name,
      );
      expect(strange).toEqual([]);
    });

    test("nothing there is a complete answer", async () => {
      await using world = await open();
      await using reader = follow(world.source);
      expect(names(await reader.until(isReady))).toEqual([]);
    });

    test("a change is an apply, a removal is a remove, and neither is a relist", async () => {
      await using world = await open();
      await world.put(service("cart"));
      await using reader = follow(world.source);
      await reader.until(isReady);
      const start = reader.events.length;
      await world.put(service("cart", 81));
      await reader.until(holdsPort(81));
      await world.delete(service("cart"));
      await reader.until((store) => names(store).length === 0);
      const changes = reader.events.slice(start).filter((event) => "feed" in event);
      expect(changes.map(({ kind }) => kind)).toEqual(["apply", "remove"]);
    });

    test("H8: an object deleted and made anew is there again", async () => {
      await using world = await open();
      await world.put(service("cart"));
      await using reader = follow(world.source);
      await reader.until(holdsPort(80));
      await world.delete(service("cart"));
      await reader.until((store) => names(store).length === 0);
      await world.put(service("cart", 82));
      expect(holdsPort(82)(await reader.until(holdsPort(82)))).toBe(true);
    });

    test("unreadable at first, it says so and is not ready; readable later, it is", async () => {
      await using world = await open();
      await world.put(service("cart"));
      await world.break();
      await using reader = follow(world.source);
      const waiting = await reader.until(({ health }) => health.size > 0);
      expect([isReady(waiting), isHealthy(waiting)]).toEqual([false, false]);
      expect(waiting.health.get(world.source.name)?.detail).not.toBe("");
      await world.heal();
      expect(names(await reader.until(isReady))).toEqual(["shop/cart"]);
    });

    test("L7, H4: unreadable later, it keeps what it knows, and says that it cannot read", async () => {
      await using world = await open();
      await world.put(service("cart"));
      await using reader = follow(world.source);
      await reader.until((store) => isReady(store) && isHealthy(store));
      await world.break();
      const broken = await reader.until((store) => !isHealthy(store));
      expect([isReady(broken), names(broken)]).toEqual([true, ["shop/cart"]]);
    });

    test("L4: what went, came and changed while it could not read shows afterwards", async () => {
      await using world = await open();
      for (const object of ["cart", "gone"]) await world.put(service(object));
      await using reader = follow(world.source);
      await reader.until((store) => isReady(store) && isHealthy(store));
      await world.break();
      await reader.until((store) => !isHealthy(store));
      await world.delete(service("gone"));
      await world.put(service("new"));
      await world.put(service("cart", 83));
      await world.heal();
      const healed = await reader.until((store) => isHealthy(store) && holdsPort(83)(store));
      expect(names(healed)).toEqual(["shop/cart", "shop/new"]);
    });

    test("H7: a bad object beside good ones is a problem, and the good ones are there", async () => {
      await using world = await open();
      await world.put(service("cart"));
      await world.put(service("bad", "http"));
      await using reader = follow(world.source);
      const store = await reader.until((one) => isReady(one) && one.problems.size > 0);
      expect(names(store)).toEqual(["shop/cart"]);
      expect(store.problems.get(world.source.name)).toEqual([
        expect.objectContaining({ object: "Service shop/bad", message: expect.stringContaining("spec.ports[0].port") }),
      ]);
    });

    test("H7: an object that turns bad keeps its last good form until it is good again", async () => {
      await using world = await open();
      await world.put(service("cart"));
      await using reader = follow(world.source);
      await reader.until(isReady);
      await world.put(service("cart", "http"));
      const bad = await reader.until(({ problems }) => [...problems.values()].flat().length > 0);
      expect(holdsPort(80)(bad)).toBe(true);
      await world.put(service("cart", 84));
      const good = await reader.until(holdsPort(84));
      expect([...good.problems.values()].flat()).toEqual([]);
    });

    test("L14, E17: an object written again as it was is not reported", async () => {
      await using world = await open();
      await world.put(service("cart"));
      await using reader = follow(world.source);
      await reader.until((store) => isReady(store) && isHealthy(store));
      const before = reader.store().objects;
      await world.put(service("cart"));
      await delay(QUIET_MS);
      expect(reader.store().objects).toBe(before);
    });

    test("after its end it reports nothing", async () => {
      await using world = await open();
      const reader = follow(world.source);
      await reader.until(isReady);
      await reader[Symbol.asyncDispose]();
      const told = reader.events.length;
      await world.put(service("cart"));
      await delay(QUIET_MS);
      expect(reader.events.length).toBe(told);
    });

    test("it can be ended before it has read anything", async () => {
      await using world = await open();
      await world.break();
      const reader = follow(world.source);
      await reader[Symbol.asyncDispose]();
      const told = reader.events.length;
      await delay(QUIET_MS);
      expect(reader.events.length).toBe(told);
    });
  });
}
