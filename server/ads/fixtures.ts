/** Small resources, views and servers for the tests of this folder. */
import { type ClientHttp2Stream, connect } from "node:http2";
import { Client, credentials, type status } from "@grpc/grpc-js";
import {
  type DeepPartial,
  DeltaDiscoveryRequest,
  DeltaDiscoveryResponse,
  DiscoveryRequest,
  DiscoveryResponse,
} from "../../gen/envoy/service/discovery/v3/discovery.ts";
import type { Changes } from "../../snapshots/changes.ts";
import { compare } from "../../snapshots/order.ts";
import { type Resource, resourceOf } from "../../snapshots/resources/resource.ts";
import type { Snapshot } from "../../snapshots/snapshot.ts";
import { emptyTable, tableOf } from "../../snapshots/table.ts";
import { ASSIGNMENT, CLUSTER, LISTENER, ROUTE, SEND_ORDER, type TypeUrl } from "../../snapshots/type-url.ts";
import type { View } from "../../snapshots/view.ts";
import { systemClock } from "../clock.ts";
import { Convergence } from "../convergence.ts";
import { createCurrent } from "../current.ts";
import { silentLog } from "../log.ts";
import { createMetrics } from "../metrics.ts";
import { createRoster } from "../roster.ts";
import type { XdsOptions } from "./options.ts";
import type { Sight } from "./step.ts";
import { startXds } from "./xds.ts";

/** A resource whose content is `content`; the bytes are no real message, which nothing in this folder looks at. */
export const resource = (typeUrl: TypeUrl, name: string, content = "1"): Resource =>
  resourceOf(typeUrl, name, Buffer.from(`${name}=${content}`));

/** The content of the first resource in a response, as `resource` was given it. */
export const contentOf = (response: DiscoveryResponse | undefined): string =>
  Buffer.from(response?.resources[0]?.value ?? [])
    .toString()
    .replace(/^[^=]*=/, "");

/** Contents by name, the same for each type. */
export type Contents = Readonly<Record<string, string>>;

/** A view that has these, of the type that is asked for. */
export function viewOver(contents: Contents): View {
  const made = new Map<string, Resource>();
  const get = (typeUrl: TypeUrl, name: string): Resource | undefined => {
    const content = contents[name];
    if (content === undefined) return undefined;
    const known = made.get(`${typeUrl} ${name}`) ?? resource(typeUrl, name, content);
    made.set(`${typeUrl} ${name}`, known);
    return known;
  };
  const all = (typeUrl: TypeUrl): readonly Resource[] =>
    Object.keys(contents)
      .sort(compare)
      .flatMap((name) => get(typeUrl, name) ?? []);
  return { get, all };
}

export const sightOf = (typeUrl: TypeUrl, contents: Contents, more: Partial<Sight> = {}): Sight => ({
  typeUrl,
  view: viewOver(contents),
  nonce: "n1",
  now: 0,
  legacyWildcard: false,
  writable: true,
  holdRemovals: false,
  ...more,
});

/** A snapshot that has these names in all four types. node-1 is in that zone. */
export function snapshotOf(contents: Contents, zone = "b"): Snapshot {
  const entries = Object.entries(contents);
  const published = entries.map(([name, content]) => {
    const cluster = resource(CLUSTER, name, content);
    const listener = resource(LISTENER, name, content);
    return [
      name,
      { listener, route: resource(ROUTE, name, content), cluster: { grpc: cluster, envoy: cluster } },
    ] as const;
  });
  return {
    model: {
      workloads: emptyTable(),
      services: emptyTable(),
      topology: {
        zoneOfNode: tableOf([["node-1", { region: "eu", zone }]]),
        regionsOfZone: tableOf([["a", ["eu"]]]),
      },
    } as unknown as Snapshot["model"],
    published: tableOf(published),
    workloads: emptyTable(),
    refused: emptyTable(),
    problems: emptyTable(),
    retired: tableOf(entries.map(([name, content]) => [name, resource(ASSIGNMENT, name, content)])),
    clusterDomain: "cluster.local",
  };
}

const changesBetween = (before: Contents, after: Contents): Changes => {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (name) => before[name] !== after[name],
  );
  return new Map(SEND_ORDER.map((typeUrl) => [typeUrl, names]));
};

/** A real server on a free port of 127.0.0.1, with everything around it that a test may look at. */
export async function serve(contents: Contents, options: Partial<XdsOptions> = {}) {
  const { reader, publish } = createCurrent();
  const roster = createRoster(systemClock.wall);
  const metrics = createMetrics();
  let served: Contents = {};
  const update = (next: Contents): void => {
    const changes = changesBetween(served, next);
    served = next;
    publish({ snapshot: snapshotOf(next), objects: new Map() as never, sourceProblems: new Map() }, changes);
  };
  /** Publishes that node-1 is in another zone, and what is served there; no name is said to have changed. */
  const moveNode = (zone: string, next: Contents): void => {
    served = next;
    publish({ snapshot: snapshotOf(next, zone), objects: new Map() as never, sourceProblems: new Map() }, new Map());
  };
  update(contents);
  const listen = { host: "127.0.0.1", port: 0 };
  const convergence = new Convergence(systemClock, metrics);
  const shared = { current: reader, roster, convergence, metrics, log: silentLog, clock: systemClock };
  const xds = await startXds({ ...shared, listen, options });
  const target = `${xds.address.host}:${xds.address.port}`;
  const clients: Client[] = [];
  const newClient = (more = {}): Client => {
    const client = new Client(target, credentials.createInsecure(), { "grpc.use_local_subchannel_pool": 1, ...more });
    clients.push(client);
    return client;
  };
  return {
    xds,
    target,
    roster,
    metrics,
    update,
    moveNode,
    newClient,
    sotw: (client = newClient(), path = SOTW_PATH) => openSotw(client, path),
    delta: (client = newClient(), path = DELTA_PATH) => openDelta(client, path),
    [Symbol.asyncDispose]: async () => {
      for (const client of clients) client.close();
      await xds[Symbol.asyncDispose]();
    },
  };
}

const ADS_PATH = "/envoy.service.discovery.v3.AggregatedDiscoveryService/";
export const SOTW_PATH = `${ADS_PATH}StreamAggregatedResources`;
export const DELTA_PATH = `${ADS_PATH}DeltaAggregatedResources`;

interface Codec<T> {
  encode(message: T): { finish(): Uint8Array };
  decode(bytes: Uint8Array): T;
}

/** A raw stream: what it sends and receives is in the test's hands. */
function openStream<Request, Response>(
  client: Client,
  path: string,
  of: { request: Codec<Request>; response: Codec<Response> },
) {
  const serialize = (message: Request): Buffer => Buffer.from(of.request.encode(message).finish());
  const call = client.makeBidiStreamRequest(path, serialize, (bytes) => of.response.decode(bytes));
  const received: Response[] = [];
  const waiting: ((response: Response) => void)[] = [];
  call.on("data", (response: Response) => {
    const next = waiting.shift();
    if (next === undefined) received.push(response);
    else next(response);
  });
  call.on("error", () => {});
  const ended = new Promise<{ code: status; details: string }>((resolve) => call.on("status", resolve));
  return {
    call,
    received,
    ended,
    /** The next response; undefined if there is none within `ms`. */
    next: (ms = 2000): Promise<Response | undefined> => {
      const first = received.shift();
      if (first !== undefined) return Promise.resolve(first);
      const { promise, resolve } = Promise.withResolvers<Response | undefined>();
      const timer = setTimeout(() => {
        waiting.splice(waiting.indexOf(resolve), 1);
        resolve(undefined);
      }, ms);
      waiting.push((response) => {
        clearTimeout(timer);
        resolve(response);
      });
      return promise;
    },
  };
}

export const GRPC_NODE = { id: "test", userAgentName: "gRPC Node Pure JS", locality: { region: "eu", zone: "a" } };
export const ENVOY_NODE = { id: "envoy-1", userAgentName: "envoy" };

export function openSotw(client: Client, path = SOTW_PATH) {
  const stream = openStream(client, path, { request: DiscoveryRequest, response: DiscoveryResponse });
  const send = (request: DeepPartial<DiscoveryRequest>): void =>
    void stream.call.write(DiscoveryRequest.fromPartial(request));
  const ack = ({ typeUrl, versionInfo, nonce }: DiscoveryResponse, resourceNames: string[]): void =>
    send({ typeUrl, versionInfo, responseNonce: nonce, resourceNames });
  return { ...stream, send, ack };
}

export function openDelta(client: Client, path = DELTA_PATH) {
  const stream = openStream(client, path, { request: DeltaDiscoveryRequest, response: DeltaDiscoveryResponse });
  const send = (request: DeepPartial<DeltaDiscoveryRequest>): void =>
    void stream.call.write(DeltaDiscoveryRequest.fromPartial(request));
  const ack = ({ typeUrl, nonce }: DeltaDiscoveryResponse): void => send({ typeUrl, responseNonce: nonce });
  return { ...stream, send, ack };
}

/** Waits until `holds`, looking again and again; fails after `ms`. */
export async function until(holds: () => boolean, ms = 3000): Promise<void> {
  const end = performance.now() + ms;
  while (!holds()) {
    if (performance.now() > end) throw new Error("it did not come to pass");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** A stream without grpc-js between the test and the wire. */
export function rawStream(target: string) {
  const session = connect(`http://${target}`);
  session.on("error", () => {});
  const stream = session.request({
    ":method": "POST",
    ":path": SOTW_PATH,
    "content-type": "application/grpc",
    te: "trailers",
  });
  stream.on("error", () => {});
  const ended = new Promise<string | undefined>((resolve) => {
    const take = (headers: Record<string, unknown>): void => {
      if (headers["grpc-status"] !== undefined) resolve(String(headers["grpc-status"]));
    };
    stream.on("response", take);
    stream.on("trailers", take);
    stream.on("close", () => resolve(undefined));
  });
  return { session, stream, ended };
}

/** A message as gRPC puts it on the wire. */
export const frame = (bytes: Uint8Array): Buffer => {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
};

export const writeRequest = (stream: ClientHttp2Stream, names: readonly string[], typeUrl: string = CLUSTER): void => {
  const request = DiscoveryRequest.fromPartial({ node: GRPC_NODE, typeUrl, resourceNames: [...names] });
  stream.write(frame(DiscoveryRequest.encode(request).finish()));
};
