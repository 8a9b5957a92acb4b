/** What an API server does that it should not, or not often: one test each. */
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { isReady } from "../store.ts";
import { follows, isList, named, reading, service, services } from "./fixtures.ts";
import { type ApiServer, bookmark, expired, type Fault, line, plainAccess } from "./scripted-api.ts";
import type { Asked } from "./scripted-storage.ts";

/** A fault for the first so many requests that are of a kind. */
function first(count: number, of: (asked: Asked) => boolean, fault: Fault) {
  let left = count;
  return (asked: Asked): Fault | undefined => {
    if (left === 0 || !of(asked)) return undefined;
    left -= 1;
    return fault;
  };
}

const pages = (api: ApiServer): void => {
  api.behaviour.watchList = "refused";
};

test("L1: a list of several pages is read to its end", async () => {
  await using world = await reading((api) => {
    pages(api);
    api.behaviour.pageSize = 3;
    for (let i = 0; i < 8; i += 1) api.put(service(`s${i}`));
  });
  await world.ready();
  expect(services(world.store())).toHaveLength(8);
  const asked = world.api.requests.filter((one) => one.resource === "services" && isList(one));
  expect(asked.map(({ query }) => [query.get("limit"), query.get("resourceVersion"), query.has("continue")])).toEqual([
    ["500", null, false],
    ["500", null, true],
    ["500", null, true],
  ]);
});

test("L1: a server that refuses watch-lists is asked for one once for each kind", async () => {
  await using world = await reading(pages);
  await world.ready();
  world.api.compact();
  world.api.put(service("new"));
  world.api.compact();
  world.api.cut();
  await follows(world);
  const tried = world.api.requests.filter(
    ({ resource, query }) => resource === "services" && query.has("sendInitialEvents"),
  );
  expect(tried.map(({ query }) => [query.get("resourceVersionMatch"), query.get("allowWatchBookmarks")])).toEqual([
    ["NotOlderThan", "true"],
  ]);
});

test("L1: a server that takes a watch-list for a watch is listed instead", async () => {
  await using world = await reading((api) => {
    api.behaviour.watchList = "ignored";
    api.put(service("cart"));
  });
  await world.ready();
  expect(services(world.store())).toEqual(["cart"]);
  await follows(world);
});

test("L1: initial events that go on and on are given up", async () => {
  await using world = await reading(
    (api) => {
      api.behaviour.watchList = "ignored";
      api.put(service("cart"));
    },
    { limits: { initialMs: 200 } },
  );
  const stop = setInterval(() => world.api.send("services", line("MODIFIED", service("cart"))), 20);
  await world.ready();
  clearInterval(stop);
  await follows(world);
});

test("L2: a watch asks for bookmarks and for an end between 300 and 600 seconds", async () => {
  await using world = await reading();
  await world.ready();
  const watches = world.api.requests.filter((one) => !isList(one));
  expect(watches.every(({ query }) => query.get("allowWatchBookmarks") === "true")).toBe(true);
  const seconds = watches.map(({ query }) => Number(query.get("timeoutSeconds")));
  expect(seconds.every((one) => one >= 300 && one <= 600)).toBe(true);
});

test("L2: bookmarks alone keep a quiet kind from being listed again", async () => {
  await using world = await reading((api) => api.put(service("cart")));
  await world.ready();
  for (let i = 0; i < 20; i += 1) world.api.putSilently(named("Node", `n${i}`));
  world.api.send("services", bookmark(world.api.version()));
  await delay(30);
  world.api.compact();
  world.api.endWatches();
  await follows(world);
  expect(await world.metric("evenkeel_source_watch_lists_total", { kind: "Service" })).toBe(1);
});

test("L3: after an end in order the watch goes on where it was, and nobody is told", async () => {
  await using world = await reading();
  await world.ready();
  world.api.put(service("cart"));
  await world.until((store) => services(store).length === 1);
  const told = world.events.length;
  world.api.endWatches();
  await delay(50);
  expect(world.events.slice(told)).toEqual([]);
  await follows(world);
  const again = world.api.requests.findLast(({ resource }) => resource === "services");
  expect(again?.query.get("resourceVersion")).toBe("101");
});

test("a server that ends every watch at once is not asked in a tight loop", async () => {
  await using world = await reading(
    (api) => {
      api.behaviour.fault = (asked) =>
        isList(asked) || asked.query.has("sendInitialEvents") ? undefined : { body: "" };
      pages(api);
    },
    { random: () => 1 },
  );
  await world.until(isReady);
  const before = world.api.requests.length;
  await delay(200);
  expect(world.api.requests.length - before).toBeLessThan(60);
});

test.each([
  ["as a status", (api: ApiServer) => api.cut()],
  ["as an event", (api: ApiServer) => api.send("services", line("ERROR", JSON.parse(expired)))],
])("L4: 410 %s is answered with a list, and what is gone goes", async (_, happen) => {
  await using world = await reading((api) => {
    for (const name of ["cart", "gone"]) api.put(service(name));
  });
  await world.ready();
  world.api.deleteSilently(service("gone"));
  world.api.putSilently(service("new"));
  world.api.compact();
  happen(world.api);
  await world.until((store) => services(store).join() === "cart,new");
  await follows(world);
});

test("L4: a list whose token expires between two pages is begun again", async () => {
  await using world = await reading((api) => {
    pages(api);
    api.behaviour.pageSize = 2;
    for (let i = 0; i < 6; i += 1) api.put(service(`s${i}`));
    api.behaviour.fault = first(1, ({ query }) => query.has("continue"), { status: 410, body: expired });
  });
  await world.ready();
  expect(services(world.store())).toHaveLength(6);
});

test("L5: Retry-After is obeyed", async () => {
  const fault = first(4, () => true, { status: 429, headers: { "retry-after": "1" } });
  const started = performance.now();
  await using world = await reading((api) => {
    api.behaviour.fault = fault;
  });
  await world.ready();
  expect(performance.now() - started).toBeGreaterThanOrEqual(990);
});

test("L5: a list that fails within its pages goes on with the same page", async () => {
  await using world = await reading((api) => {
    pages(api);
    api.behaviour.pageSize = 2;
    for (let i = 0; i < 4; i += 1) api.put(service(`s${i}`));
    api.behaviour.fault = first(3, ({ query }) => query.has("continue"), { status: 500 });
  });
  await world.ready();
  expect(services(world.store())).toHaveLength(4);
});

test("L5 L7: 500 on a relist keeps what is known, and says what failed, since when, and when it is tried again", async () => {
  await using world = await reading((api) => api.put(service("cart")));
  await world.ready();
  world.api.behaviour.fault = () => ({ status: 500, body: "etcd is gone" });
  world.api.compact();
  world.api.cut();
  await world.until(() => / Services: status 500: etcd is gone, since \S+Z, next attempt at \S+Z/.test(world.detail()));
  expect([world.isHealthy(), services(world.store())]).toEqual([false, ["cart"]]);
  world.api.behaviour.fault = () => undefined;
  await world.ready();
  await follows(world);
});

test("L6: a watch that brings nothing, not even bookmarks, is asked for again where it was", async () => {
  await using world = await reading(() => {}, { limits: { silenceMs: 150 } });
  await world.ready();
  world.api.putSilently(service("missed"));
  await world.until((store) => services(store).includes("missed"));
  expect(await world.metric("evenkeel_source_watch_ends_total", { kind: "Service", reason: "silent" })).toBe(1);
  await follows(world);
});

test("L6: a frozen server, which takes connections and ends no handshake, is given up soon", async () => {
  const frozen = createServer().listen(0, "127.0.0.1");
  await once(frozen, "listening");
  const { port } = frozen.address() as AddressInfo;
  const access = { ...plainAccess(`https://127.0.0.1:${port}`), where: "a frozen server" };
  await using world = await reading(() => {}, { access, limits: { connectMs: 50 } });
  await world.until(() => world.detail().includes("Services: no connection after 0.05 s"));
  frozen.close();
});

test("L6: a list that stalls within its body is asked for again", async () => {
  await using world = await reading(
    (api) => {
      pages(api);
      api.put(service("cart"));
      api.behaviour.fault = first(4, isList, { body: '{"metadata":', after: "stall" });
    },
    { limits: { silenceMs: 150 } },
  );
  await world.ready();
  expect(services(world.store())).toEqual(["cart"]);
});

test("L13: a watch that is cut within a line goes on from the last whole one", async () => {
  await using world = await reading();
  await world.ready();
  const whole = line("ADDED", {
    ...service("cart"),
    metadata: { name: "cart", namespace: "shop", resourceVersion: "101" },
  });
  world.api.putSilently(service("cart"));
  world.api.send("services", whole.slice(0, whole.length / 2));
  await delay(20);
  world.api.cut();
  await world.until((store) => services(store).includes("cart"));
  await follows(world);
});

test("L13: half a JSON object in a line of its own is answered with a list", async () => {
  await using world = await reading((api) => api.put(service("cart")));
  await world.ready();
  world.api.deleteSilently(service("cart"));
  world.api.send("services", '{"type":"MODIFIED","object":{"metad\n');
  await world.until((store) => services(store).length === 0);
  await follows(world);
  expect(await world.metric("evenkeel_source_watch_lists_total", { kind: "Service" })).toBe(2);
});

test("L13: half a list is no list", async () => {
  await using world = await reading((api) => {
    pages(api);
    for (const name of ["a", "b"]) api.put(service(name));
    api.behaviour.fault = first(2, isList, { body: '{"metadata":{"resourceVersion":"1"},"items":[', after: "break" });
  });
  await world.ready();
  expect(services(world.store())).toEqual(["a", "b"]);
});

test("a line that is longer than any object is not waited for", async () => {
  await using world = await reading(() => {}, { limits: { maxLineBytes: 10_000 } });
  await world.ready();
  world.api.send("services", "x".repeat(100_000));
  await world.until(() => world.api.watching("services") === 1);
  await follows(world);
});

test("L13: events that come twice, or of objects that are known or gone, do no harm", async () => {
  await using world = await reading((api) => api.put(service("cart")));
  await world.ready();
  const cart = { ...service("cart", 81), metadata: { name: "cart", namespace: "shop", resourceVersion: "102" } };
  world.api.send("services", line("ADDED", cart).repeat(2));
  await world.until(({ objects }) => objects.services.get("shop/cart")?.ports[0]?.port === 81);
  world.api.send("services", line("DELETED", { metadata: cart.metadata }).repeat(2));
  await world.until((store) => services(store).length === 0);
  expect(world.events.filter(({ kind }) => kind === "remove")).toHaveLength(1);
});

test("L13 L14: a relist in another order changes nothing", async () => {
  await using world = await reading((api) => {
    for (const name of ["a", "b", "c"]) api.put(service(name));
  });
  const before = await world.ready();
  world.api.behaviour.reversed = true;
  world.api.send("services", line("ERROR", JSON.parse(expired)));
  await delay(100);
  expect(await world.metric("evenkeel_source_watch_lists_total", { kind: "Service" })).toBe(2);
  expect(world.store().objects).toBe(before.objects);
});
