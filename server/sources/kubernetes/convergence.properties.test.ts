import { setTimeout as delay } from "node:timers/promises";
import fc from "fast-check";
import { test } from "vitest";
import type { KubernetesObject } from "../../../snapshots/objects.ts";
import { objectId, project } from "../project.ts";
import type { RawObject } from "../source.contract.ts";
import type { Store } from "../store.ts";
import { isList, reading, service, slice } from "./fixtures.ts";
import { type ApiServer, bookmark, expired, type Fault, line } from "./scripted-api.ts";

/** Something that happens to a cluster or its API server. */
type Happening = (api: ApiServer) => void | Promise<void>;

const object = fc.oneof(
  fc
    .record({ name: fc.constantFrom("a", "b", "c", "d"), port: fc.integer({ min: 1, max: 9 }) })
    .map(({ name, port }) => service(name, port)),
  fc
    .record({ name: fc.constantFrom("a-1", "a-2", "b-1"), host: fc.integer({ min: 1, max: 9 }) })
    .map(({ name, host }) => slice(name, { endpoints: [{ addresses: [`10.0.0.${host}`] }] })),
);

const resource = fc.constantFrom("services", "endpointslices");

/** For the next requests, one after the other. */
const faults = (list: readonly Fault[]): Happening => {
  const left = [...list];
  return ({ behaviour }) => {
    behaviour.fault = (asked) => (isList(asked) || left.length % 2 === 0 ? left.pop() : undefined);
  };
};

const fault = fc.constantFrom<Fault[]>(
  { status: 500 },
  { status: 401 },
  { status: 403 },
  { status: 429, headers: { "retry-after": "0.01" } },
  { status: 410, body: expired },
  { status: 400 },
  { body: '{"metadata":{"resourceVersion":"1"},"items":[', after: "break" },
  { body: '{"type":"ADDED","object":{"metadata":', after: "break" },
  { body: "" },
);

const change = object.map(
  (one): Happening =>
    (api) =>
      api.put(one),
);
const removal = object.map(
  (one): Happening =>
    (api) => {
      if (api.objects().some((known) => known.kind === one.kind && known.metadata.name === one.metadata.name))
        api.delete(one);
    },
);
const twice = resource.map(
  (of): Happening =>
    (api) => {
      const kind = of === "services" ? "Service" : "EndpointSlice";
      for (const known of api.objects().filter((one) => one.kind === kind))
        api.send(of, line("MODIFIED", known).repeat(2));
    },
);
const accident = fc.constantFrom<Happening[]>(
  (api) => api.cut(),
  (api) => api.endWatches(),
  (api) => api.compact(),
  (api) => api.send("services", line("ERROR", JSON.parse(expired))),
  (api) => api.send("endpointslices", '{"type":"MODIF\n'),
  (api) => api.send("services", bookmark(api.version())),
  (api) => {
    api.send("services", '{"type":"ADD');
    api.cut();
  },
  async (api) => {
    await api.down();
    await api.up();
  },
  (api) => {
    api.behaviour.reversed = !api.behaviour.reversed;
  },
  () => delay(5),
);

const happening = fc.oneof(
  { weight: 4, arbitrary: change },
  { weight: 2, arbitrary: removal },
  { weight: 1, arbitrary: twice },
  { weight: 4, arbitrary: accident },
  { weight: 1, arbitrary: fc.array(fault, { maxLength: 6 }).map(faults) },
);

const byId = (objects: Iterable<KubernetesObject>) =>
  Object.fromEntries([...objects].map((one) => [objectId(one), one]).toSorted());

const held = ({ objects, slices }: Store) => byId([...objects.services.values(), ...slices.values()]);

const stored = (objects: readonly RawObject[]) =>
  byId(objects.flatMap((raw) => project(raw.kind as KubernetesObject["kind"], raw).object ?? []));

test("L4 L5 L13: whatever happens in whatever order, in the end the store holds what the server does", {
  timeout: 60_000,
}, async () => {
  const form = fc.constantFrom("supported", "refused", "ignored");
  await fc.assert(
    fc.asyncProperty(form, fc.array(happening, { minLength: 5, maxLength: 25 }), async (watchList, happenings) => {
      await using world = await reading(
        ({ behaviour }) => {
          Object.assign(behaviour, { watchList, pageSize: 2 });
        },
        { limits: { initialSilenceMs: 20, backOff: { firstMs: 1, mostMs: 5 } } },
      );
      for (const happens of happenings) {
        await happens(world.api);
        await delay(0);
      }
      world.api.behaviour.fault = () => undefined;
      const expected = JSON.stringify(stored(world.api.objects()));
      await world.ready();
      await world.until((store) => JSON.stringify(held(store)) === expected);
    }),
    { numRuns: 150, interruptAfterTimeLimit: 40_000 },
  );
});
