import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { type Log, silentLog } from "../../log.ts";
import { sourceContract } from "../source.contract.ts";
import { isReady } from "../store.ts";
import { follows, isList, named, optionsFor, reading, service, services, slice } from "./fixtures.ts";
import { expired, type Fault, line, plainAccess, startApiServer } from "./scripted-api.ts";
import type { Asked } from "./scripted-storage.ts";
import { kubernetesSource } from "./source.ts";

for (const watchList of ["supported", "refused"] as const) {
  sourceContract(`a cluster whose watch-lists are ${watchList}`, async () => {
    const api = await startApiServer();
    api.behaviour.watchList = watchList;
    return {
      source: kubernetesSource(optionsFor(api.url)),
      put: async (object) => api.put(object),
      delete: async (object) => api.delete(object),
      break: api.down,
      heal: api.up,
      [Symbol.asyncDispose]: () => api[Symbol.asyncDispose](),
    };
  });
}

test("L12: a list that shrinks to nothing is believed, counted and logged", async () => {
  const warnings: string[] = [];
  const log: Log = { ...silentLog, warn: (message) => warnings.push(message) };
  await using world = await reading(
    (api) => {
      for (const name of ["a", "b", "c"]) api.put(service(name));
    },
    { log },
  );
  await world.ready();
  for (const name of ["a", "b", "c"]) world.api.deleteSilently(service(name));
  world.api.send("services", line("ERROR", JSON.parse(expired)));
  await world.until((store) => services(store).length === 0);
  expect(await world.metric("evenkeel_source_suspicious_shrinks_total", { kind: "Service" })).toBe(1);
  expect(warnings).toEqual(["a list shrank suspiciously, and is believed"]);
});

test("L12: the age of what is known is a metric", async () => {
  await using world = await reading();
  await world.ready();
  const contact = await world.metric("evenkeel_source_last_contact_timestamp_seconds", { kind: "Node" });
  expect(Math.abs(contact - Date.now() / 1000)).toBeLessThan(5);
});

const forbidden =
  (resource: string) =>
  (asked: Asked): Fault | undefined =>
    asked.resource === resource ? { status: 403, body: '{"message":"nobody may"}' } : undefined;

test.each([
  ["nodes", "Node", '{apiGroups: [""], resources: ["nodes"], verbs: ["list", "watch"]}'],
  ["namespaces", "Namespace", '{apiGroups: [""], resources: ["namespaces"], verbs: ["list", "watch"]}'],
])(
  "without the right to %s the rest is served, the rule is named, and the right is found later",
  async (resource, kind, rule) => {
    await using world = await reading((api) => {
      api.put(service("cart"));
      api.put(named("Node", "n1"));
      api.put(named("Namespace", "shop"));
      api.behaviour.fault = forbidden(resource);
    });
    await world.ready();
    expect(world.detail()).toContain(rule);
    expect(await world.metric("evenkeel_source_forbidden", { kind, verb: "list" })).toBe(1);
    world.api.behaviour.fault = () => undefined;
    await world.until(({ objects }) => objects.nodes.size === 1 && objects.namespaces.size === 1);
    await world.until(() => world.detail() === "reads the scripted API server");
    expect(await world.metric("evenkeel_source_forbidden", { kind, verb: "list" })).toBe(0);
  },
);

test("without the right to EndpointSlices it is not ready, and says which rule is missing, once in the log", async () => {
  const warnings: unknown[] = [];
  const log: Log = { ...silentLog, warn: (_, fields) => warnings.push(fields) };
  await using world = await reading(
    (api) => {
      api.behaviour.fault = forbidden("endpointslices");
    },
    { log },
  );
  await world.until(() => world.api.requests.filter(({ resource }) => resource === "endpointslices").length > 4);
  expect([isReady(world.store()), world.isHealthy()]).toEqual([false, false]);
  const missing =
    "no right to list endpointslices.discovery.k8s.io (status 403: nobody may); add to a ClusterRole: " +
    '{apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: ["get", "list", "watch"]}';
  expect(world.detail()).toContain(missing);
  expect(warnings).toEqual([{ of: "EndpointSlices", missing }]);
});

test("L7: a right that is taken away later leaves what was read, unhealthy", async () => {
  await using world = await reading((api) => api.put(service("cart")));
  await world.ready();
  world.api.behaviour.fault = forbidden("services");
  world.api.cut();
  await world.until(() => !world.isHealthy());
  expect([isReady(world.store()), services(world.store())]).toEqual([true, ["cart"]]);
  expect(world.detail()).toContain("no right to watch services");
  world.api.behaviour.fault = () => undefined;
  await world.ready();
  await follows(world);
});

test("the right to list but not to watch gives what there is, and says what is missing", async () => {
  await using world = await reading((api) => {
    api.put(service("cart"));
    api.behaviour.fault = (asked) => (isList(asked) ? undefined : { status: 403 });
  });
  await world.until(() => isReady(world.store()) && world.isHealthy() === false);
  expect(services(world.store())).toEqual(["cart"]);
  await world.until(() => world.detail().includes("no right to watch services"));
});

test("a kind that the API server does not have is named", async () => {
  await using world = await reading((api) => {
    api.behaviour.fault = ({ resource }) =>
      resource === "endpointslices" ? { status: 404, body: "404 page not found" } : undefined;
  });
  await world.until(() => world.detail().includes("there is no endpointslices.discovery.k8s.io on this API server"));
  expect(isReady(world.store())).toBe(false);
});

test("credentials that are not accepted are read anew at once, and what is wrong is said", async () => {
  let token = "old";
  let renewed = 0;
  const api = await startApiServer();
  const access = {
    ...plainAccess(api.url),
    target: async () => ({ server: new URL(api.url), headers: { authorization: token }, tls: {} }),
    renew: () => {
      renewed += 1;
    },
  };
  api.behaviour.fault = ({ authorization }) =>
    authorization === "new" ? undefined : { status: 401, body: "Unauthorized" };
  await using world = await reading(() => {}, { access });
  await world.until(() => world.detail().includes("status 401: Unauthorized"));
  token = "new";
  await world.ready();
  expect(renewed).toBeGreaterThan(0);
  await api[Symbol.asyncDispose]();
});

test("listed namespaces are read one by one, joined in one feed, and nothing else is", async () => {
  const elsewhere = (name: string, namespace: string) => ({ ...service(name), metadata: { name, namespace } });
  await using world = await reading(
    (api) => {
      for (const one of [service("cart"), elsewhere("paid", "bank"), elsewhere("hidden", "secret")]) api.put(one);
      for (const name of ["shop", "bank", "secret"]) api.put(named("Namespace", name));
    },
    { namespaces: ["shop", "bank"] },
  );
  await world.ready();
  expect(services(world.store())).toEqual(["cart", "paid"]);
  expect([...world.store().objects.namespaces.keys()].toSorted()).toEqual(["bank", "shop"]);
  world.api.deleteSilently(service("cart"));
  world.api.compact();
  world.api.cut();
  await world.until((store) => services(store).join() === "paid");
});

test("a forbidden namespace is named", async () => {
  await using world = await reading(
    (api) => {
      api.behaviour.fault = ({ namespace }) => (namespace === "bank" ? { status: 403 } : undefined);
    },
    { namespaces: ["shop", "bank"] },
  );
  await world.until(() => world.detail().includes("services in namespace bank"));
  expect(world.detail()).toContain("add to a Role in namespace bank");
});

test("a selector narrows Services, and not the slices", async () => {
  await using world = await reading(
    (api) => {
      api.put(service("cart", 80, { team: "a" }));
      api.put(service("other", 80, { team: "b" }));
      api.put(slice("cart-1"));
    },
    { selector: "team=a" },
  );
  await world.ready();
  expect([services(world.store()), world.store().slices.size]).toEqual([["cart"], 1]);
});

test("bad input costs what is bad and nothing else", async () => {
  await using world = await reading((api) => {
    api.put(service("cart"));
    api.put(slice("no-labels", { metadata: { name: "no-labels", namespace: "shop" } }));
    api.put(slice("unknown-fields", { future: { deeply: ["new"] } }));
    api.put(slice("no-ips", { endpoints: [{ addresses: ["not an ip"] }] }));
    api.put(slice("null", { ports: null, endpoints: null }));
    api.put(slice("wrong", { endpoints: "many" }));
    api.put(
      slice("large", {
        endpoints: Array.from({ length: 40_000 }, (_, i) => ({
          addresses: [`10.1.${i >> 8}.${i & 255}`],
          hints: {},
          padding: "x".repeat(90),
        })),
      }),
    );
    api.put(named("Node", "zoneless"));
    const metadata = { name: "noted", namespace: "shop", annotations: { "evenkeel.dev/mode": 7 } };
    api.put({ ...service("noted"), metadata });
  });
  const store = await world.ready();
  expect(services(store)).toEqual(["cart", "noted"]);
  expect([...store.slices.keys()].toSorted()).toEqual(
    ["large", "no-ips", "no-labels", "null", "unknown-fields"].map((name) => `shop/${name}`),
  );
  expect(store.problems.get("kubernetes")?.map(({ object, code }) => [object, code])).toEqual([
    ["Service shop/noted", "bad-annotation"],
    ["EndpointSlice shop/wrong", "bad-object"],
  ]);
});

test("H7: a problem goes when its object is good again, and when it goes", async () => {
  await using world = await reading((api) => {
    api.put(service("healed", "bad"));
    api.put(service("gone", "bad"));
  });
  const problems = () =>
    world
      .store()
      .problems.get("kubernetes")
      ?.map(({ object }) => object) ?? [];
  await world.until(() => problems().length === 2);
  world.api.put(service("healed", 80));
  await world.until(() => problems().join() === "Service shop/gone");
  world.api.delete(service("gone", "bad"));
  await world.until(() => problems().length === 0);
  expect(services(world.store())).toEqual(["healed"]);
});

test("H7: a relist keeps the last good form of an object that turned bad", async () => {
  await using world = await reading((api) => api.put(service("cart", 80)));
  await world.ready();
  world.api.putSilently(service("cart", "bad"));
  world.api.send("services", line("ERROR", JSON.parse(expired)));
  await world.until(({ problems }) => problems.get("kubernetes")?.length === 1);
  expect(services(world.store())).toEqual(["cart"]);
});

test("its end closes every connection at once, also of a server that answers nothing", async () => {
  const world = await reading((api) => {
    api.behaviour.fault = ({ resource }) => (resource === "services" ? { after: "stall" } : undefined);
  });
  await world.until(() => world.api.connections() === 4);
  await delay(30);
  const started = performance.now();
  await world[Symbol.asyncDispose]();
  expect(performance.now() - started).toBeLessThan(200);
  expect(world.api.connections()).toBe(0);
});

test("what a bug in a reader throws is not taken for a broken connection", async () => {
  await using api = await startApiServer();
  const source = kubernetesSource(optionsFor(api.url));
  const unhandled = Promise.withResolvers<unknown>();
  const listeners = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection").once("unhandledRejection", unhandled.resolve);
  source.start(() => {
    throw new Error("a bug");
  });
  expect(await unhandled.promise).toEqual(new Error("a bug"));
  for (const listener of listeners) process.on("unhandledRejection", listener);
});
