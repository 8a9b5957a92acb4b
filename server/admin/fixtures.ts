/** A small cluster, some clients and an admin server over them, for tests. */
import { UNKNOWN, type ZoneClass } from "../../snapshots/balance/zone.ts";
import { derive } from "../../snapshots/derive/derive.ts";
import {
  everything,
  input,
  namespace,
  node,
  objectsOf,
  ready,
  service,
  slice,
  terminating,
  unready,
} from "../../snapshots/derive/fixtures.ts";
import { emptyModel } from "../../snapshots/derive/model.ts";
import type { KubernetesObject } from "../../snapshots/objects.ts";
import { nextSnapshot } from "../../snapshots/snapshot.ts";
import { ASSIGNMENT, LISTENER } from "../../snapshots/type-url.ts";
import type { Clock } from "../clock.ts";
import { createCurrent, type Published } from "../current.ts";
import { silentLog } from "../log.ts";
import { createMetrics } from "../metrics.ts";
import { createRoster, type Member, type TypeStatus } from "../roster.ts";
import type { PipelineStatus } from "../status.ts";
import { type AdminOptions, adminApp } from "./server.ts";

export const NOW = Date.UTC(2030, 0, 1);

const clock: Clock = { wall: () => NOW, now: () => 0, sleep: async () => {}, after: () => ({ cancel: () => {} }) };

const objects = objectsOf(
  node("node-a", "a", "eu"),
  node("node-b", "b", "eu"),
  namespace({}),
  service(),
  slice([
    ready("10.0.0.1", { nodeName: "node-a" }),
    ready("10.0.0.2", { nodeName: "node-b" }),
    terminating("10.0.0.3", { nodeName: "node-b" }),
    unready("10.0.0.4"),
  ]),
  service({
    name: "two-ports",
    annotations: { "evenkeel.dev/lb": "fastest" },
    ports: [
      { name: "web", port: 80, protocol: "TCP" },
      { name: "", port: 81, protocol: "TCP" },
    ],
  }),
  service({ name: "outside", type: "ExternalName" }),
  service({ namespace: "shop", name: "billing" }),
);

function publishedOf(): Published {
  const { model, changed } = derive(input(objects, { touched: everything }), emptyModel);
  const snapshot = nextSnapshot(model, changed, undefined, { clusterDomain: "cluster.local" });
  const problem = { object: "file bad.yaml:3:1", code: "bad-yaml", message: "a colon is missing" };
  return { snapshot, objects, sourceProblems: new Map([["manifests", [problem]]]) };
}

/** Greeter in two zones, a Service with two ports and a problem, an ExternalName, a file that is no YAML. */
export const published: Published = publishedOf();

export const status: PipelineStatus = {
  ready: true,
  feeds: [{ source: "manifests", kind: "Service", ready: true, objects: 4 }],
  sources: [{ name: "manifests", healthy: true, detail: "reads /manifests", since: NOW - 60_000 }],
  lastPublishAt: NOW - 5000,
};

export const starting: PipelineStatus = {
  ready: false,
  feeds: [
    { source: "manifests", kind: "Service", ready: true, objects: 4 },
    { source: "manifests", kind: "EndpointSlice", ready: false, objects: 0 },
  ],
  sources: [{ name: "manifests", healthy: false, detail: "/manifests is not there", since: NOW }],
};

export const inZoneA: ZoneClass = { kind: "known", zone: { region: "eu", zone: "a" }, node: "node-a" };

/** An assignment that was sent a second ago and acknowledged at once. */
export const inSync: TypeStatus = {
  typeUrl: ASSIGNMENT,
  wildcard: false,
  names: ["greeter.default:8080"],
  sentVersion: "v2",
  sentAt: NOW - 1000,
  ackedVersion: "v2",
  ackedAt: NOW - 900,
  unresolved: [],
};

export const waiting: TypeStatus = {
  typeUrl: LISTENER,
  wildcard: false,
  names: ["nobody.default:1"],
  unresolved: ["nobody.default:1"],
};

export const member = (id: string, statuses: readonly TypeStatus[] = [inSync], more: Partial<Member> = {}): Member => ({
  id,
  node: {
    id: `node of ${id}`,
    cluster: "",
    userAgentName: "gRPC Go",
    userAgentVersion: "1.80.0",
    metadata: {},
    features: [],
  },
  peer: "127.0.0.1:40000",
  variant: "sotw",
  kind: "grpc",
  zoneClass: UNKNOWN,
  zoneFrom: "unknown",
  since: NOW - 10_000,
  status: () => statuses,
  changed: () => {},
  ...more,
});

interface Given {
  /** Undefined before the first publish. */
  readonly published?: Published | undefined;
  readonly members?: readonly Member[];
  readonly options?: Partial<AdminOptions>;
}

/** An admin server that does not listen, with what it looks at; what members have is what they are subscribed to. */
export async function admin(given: Given = {}) {
  const { reader, publish } = createCurrent();
  const served = "published" in given ? given.published : published;
  if (served !== undefined) publish(served, new Map());
  const roster = createRoster(() => NOW - 30_000);
  for (const one of given.members ?? []) {
    roster.join(one);
    for (const { typeUrl, names } of one.status()) for (const name of names) roster.subscribe(one, typeUrl, name);
  }
  const options: AdminOptions = {
    listen: { host: "127.0.0.1", port: 0 },
    current: reader,
    roster,
    convergence: { recent: () => [] },
    metrics: createMetrics(),
    log: silentLog,
    clock,
    status: () => status,
    version: "1.2.3",
    isDraining: () => false,
    simulating: { readObject: (value) => value as KubernetesObject, defaultMode: "weighted" },
    ...given.options,
  };
  const app = await adminApp(options);
  const get = async (url: string, headers: Record<string, string> = {}) => {
    const { statusCode, body, headers: answered } = await app.inject({ url, headers });
    return { status: statusCode, text: body, headers: answered, json: () => JSON.parse(body) };
  };
  const post = async (url: string, payload: string | object, headers: Record<string, string> = {}) => {
    const { statusCode, body } = await app.inject({ method: "POST", url, payload, headers });
    return { status: statusCode, json: () => JSON.parse(body) };
  };
  return { app, options, get, post, [Symbol.asyncDispose]: () => app.close() };
}
