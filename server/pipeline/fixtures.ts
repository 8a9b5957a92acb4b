/** What a pipeline has around it, faked; and small objects for it to read. */
import { UNKNOWN, type ZoneClass } from "../../snapshots/balance/zone.ts";
import type { EndpointSlice, KubernetesObject, ObjectKind, Service } from "../../snapshots/objects.ts";
import type { Clock } from "../clock.ts";
import type { Member } from "../roster.ts";
import type { Feed, Source, SourceEvent } from "../sources/source.ts";

export const EPOCH = 1_000_000;

/** A clock that stands still until it is told to go on. */
export function createFakeClock() {
  let time = 0;
  const timers = new Set<{ readonly at: number; readonly run: () => void }>();
  const clock: Clock = {
    now: () => time,
    wall: () => EPOCH + time,
    sleep: () => Promise.reject(new Error("nobody sleeps here")),
    after: (ms, run) => {
      const timer = { at: time + ms, run };
      timers.add(timer);
      return { cancel: () => timers.delete(timer) };
    },
  };
  const dueBy = (limit: number) => [...timers].filter(({ at }) => at <= limit).toSorted((a, b) => a.at - b.at)[0];
  const advance = (ms: number): void => {
    const limit = time + ms;
    for (let next = dueBy(limit); next !== undefined; next = dueBy(limit)) {
      timers.delete(next);
      time = next.at;
      next.run();
    }
    time = limit;
  };
  return { clock, advance, armed: () => timers.size };
}

const KINDS: readonly ObjectKind[] = ["Service", "EndpointSlice", "Node", "Namespace"];

/** A source that says what it is told to say. */
export function createFakeSource(name: string, kinds = KINDS) {
  const feeds = kinds.map((kind): Feed => ({ source: name, kind }));
  let report: (burst: readonly SourceEvent[]) => void = () => {};
  const source: Source = {
    name,
    feeds,
    start: (listener) => {
      report = listener;
      return { [Symbol.asyncDispose]: async () => {} };
    },
  };
  const feed = (kind: ObjectKind): Feed => ({ source: name, kind });
  const applies = (objects: readonly KubernetesObject[]) =>
    objects.map((object): SourceEvent => ({ kind: "apply", feed: feed(object.kind), object }));
  return {
    source,
    say: (...burst: SourceEvent[]) => report(burst),
    apply: (...objects: KubernetesObject[]) => report(applies(objects)),
    remove: (kind: ObjectKind, key: string) => report([{ kind: "remove", feed: feed(kind), key }]),
    ready: (...objects: KubernetesObject[]) =>
      report([...applies(objects), ...feeds.map((one): SourceEvent => ({ kind: "ready", feed: one }))]),
  };
}

export const service = (name: string): Service => ({
  kind: "Service",
  namespace: "shop",
  name,
  annotations: {},
  type: "ClusterIP",
  ports: [{ name: "grpc", port: 80, protocol: "TCP" }],
  ipFamilies: ["IPv4"],
  internalTrafficPolicy: "Cluster",
});

export const slice = (owner: string, ...addresses: string[]): EndpointSlice => ({
  kind: "EndpointSlice",
  namespace: "shop",
  name: `${owner}-1`,
  service: owner,
  addressType: "IPv4",
  ports: [{ name: "grpc", port: 8080, protocol: "TCP" }],
  endpoints: addresses.map((address) => ({ address, zone: "a" })),
});

export const member = (id: string, zoneClass: ZoneClass = UNKNOWN): Member => ({
  id,
  node: { id, cluster: "", userAgentName: "", userAgentVersion: "", metadata: {}, features: [] },
  peer: "127.0.0.1:1",
  variant: "sotw",
  kind: "grpc",
  zoneClass,
  zoneFrom: "unknown",
  since: 0,
  status: () => [],
  changed: () => {},
});
