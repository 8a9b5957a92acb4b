/** An API server for tests: lists and watches as the real one has them, and does wrong on demand. */
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { RawObject } from "../source.contract.ts";
import type { Access } from "./access.ts";
import { type Asked, askedBy, type Change, createStorage, isFor, type Raw, type Storage } from "./scripted-storage.ts";

/** How a request is answered otherwise than it should be. */
export interface Fault {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** After the body: nothing more comes, but the connection stays; or it breaks. */
  readonly after?: "stall" | "break";
}

const status = (code: number, reason: string, message: string): string =>
  JSON.stringify({ kind: "Status", status: "Failure", code, reason, message });

export const expired = status(410, "Expired", "too old resource version");

/** An event of a watch as a line. */
export const line = (type: string, object: unknown): string => `${JSON.stringify({ type, object })}\n`;

export const bookmark = (version: number, annotations: object = {}): string =>
  line("BOOKMARK", { metadata: { resourceVersion: `${version}`, annotations } });

/** What can be scripted. */
interface Behaviour {
  /** What it makes of a watch-list. */
  watchList: "supported" | "refused" | "ignored";
  /** Items of a page, at most. */
  pageSize: number;
  reversed: boolean;
  /** Undefined for a request that is answered as it should be. */
  fault(asked: Asked): Fault | undefined;
}

const refuse = (response: ServerResponse, code: number, body: string): void => {
  response.writeHead(code).end(body);
};

/** Each list under way, by what was asked and at which version. */
type Lists = Map<string, readonly Raw[]>;

const listed = (storage: Storage, asked: Asked, { reversed }: Behaviour): readonly Raw[] => {
  const found = [...storage.objects.values()].filter(isFor(asked));
  return reversed ? found.toReversed() : found;
};

function createLister(storage: Storage, behaviour: Behaviour, lists: Lists) {
  return (asked: Asked, response: ServerResponse): void => {
    const [token = `${storage.version()}`, at = "0"] = asked.query.get("continue")?.split(":") ?? [];
    const id = `${asked.resource} ${asked.namespace} ${token}`;
    const all = at === "0" ? listed(storage, asked, behaviour) : lists.get(id);
    if (all === undefined) {
      refuse(response, 410, expired);
      return;
    }
    lists.set(id, all);
    const end = Number(at) + Math.min(Number(asked.query.get("limit")), behaviour.pageSize);
    const metadata = { resourceVersion: token, ...(end < all.length && { continue: `${token}:${end}` }) };
    response.end(JSON.stringify({ metadata, items: all.slice(Number(at), end) }));
  };
}

const isWatchList = ({ query }: Asked): boolean => query.get("sendInitialEvents") === "true";

type Watches = Map<ServerResponse, Asked>;

function createWatcher(storage: Storage, behaviour: Behaviour, watches: Watches) {
  const initial = (asked: Asked, response: ServerResponse): void => {
    for (const object of listed(storage, asked, behaviour)) response.write(line("ADDED", object));
    if (behaviour.watchList === "ignored") return;
    response.write(bookmark(storage.version(), { "k8s.io/initial-events-end": "true" }));
  };
  const catchUp = (asked: Asked, response: ServerResponse, missed: readonly Change[]): void => {
    response.flushHeaders();
    if (isWatchList(asked)) initial(asked, response);
    for (const { type, object } of missed.filter((change) => isFor(asked)(change.object))) {
      response.write(line(type, object));
    }
    watches.set(response, asked);
    response.on("close", () => watches.delete(response));
  };
  return (asked: Asked, response: ServerResponse): void => {
    const missed = isWatchList(asked) ? [] : storage.since(Number(asked.query.get("resourceVersion")));
    if (isWatchList(asked) && behaviour.watchList === "refused") {
      refuse(response, 422, status(422, "Invalid", "sendInitialEvents is forbidden"));
    } else if (missed === undefined) refuse(response, 410, expired);
    else catchUp(asked, response, missed);
  };
}

function answerWrongly({ status: code = 200, headers = {}, body = "", after }: Fault, response: ServerResponse): void {
  response.writeHead(code, headers);
  if (after === undefined) response.end(body);
  else response.write(body === "" ? " " : body, () => after === "break" && response.socket?.destroy());
}

/** Its port, which it keeps, and its connections. */
async function listen(server: Server) {
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  const up = (port: number): Promise<void> => new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
  await up(0);
  const { port } = server.address() as AddressInfo;
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const down = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      cut();
    });
  return { url: `http://127.0.0.1:${port}`, connections: () => sockets.size, cut, down, up: () => up(port) };
}

/** Hands on what it holds. */
function createHands(storage: Storage, watches: Watches, lists: Lists) {
  const publish = ({ type, object }: Change): void => {
    for (const [response, asked] of watches) if (isFor(asked)(object)) response.write(line(type, object));
  };
  return {
    version: storage.version,
    put: (object: RawObject): void => publish(storage.put(object)),
    delete: (object: RawObject): void => publish(storage.delete(object)),
    /** Changes that no open watch is told of. */
    putSilently: (object: RawObject): void => void storage.put(object),
    deleteSilently: (object: RawObject): void => void storage.delete(object),
    objects: (): readonly RawObject[] => [...storage.objects.values()],
    names: (kind: string): readonly string[] =>
      [...storage.objects.values()]
        .filter((one) => one.kind === kind)
        .map(({ metadata }) => metadata.name)
        .toSorted(),
    /** Forgets all changes and all lists under way. */
    compact: (): void => {
      storage.compact();
      lists.clear();
    },
    /** Writes to all watches of a resource. */
    send: (resource: string, text: string): void => {
      for (const [response, asked] of watches) if (asked.resource === resource) response.write(text);
    },
    /** Ends all watches in order. */
    endWatches: (): void => {
      for (const response of watches.keys()) response.end();
      watches.clear();
    },
    watching: (resource: string): number => [...watches.values()].filter((asked) => asked.resource === resource).length,
  };
}

export type ApiServer = Awaited<ReturnType<typeof startApiServer>>;

export async function startApiServer() {
  const storage = createStorage();
  const watches: Watches = new Map();
  const lists: Lists = new Map();
  const requests: Asked[] = [];
  const behaviour: Behaviour = { watchList: "supported", pageSize: 500, reversed: false, fault: () => undefined };
  const list = createLister(storage, behaviour, lists);
  const watch = createWatcher(storage, behaviour, watches);
  const server = createServer((request, response) => {
    const asked = askedBy(request);
    requests.push(asked);
    const fault = behaviour.fault(asked);
    if (fault !== undefined) answerWrongly(fault, response);
    else if (asked.query.get("watch") === "true") watch(asked, response);
    else list(asked, response);
  });
  const listening = await listen(server);
  return {
    ...listening,
    ...createHands(storage, watches, lists),
    behaviour,
    requests,
    [Symbol.asyncDispose]: async () => {
      if (server.listening) await listening.down();
    },
  };
}

/** Access without credentials. */
export const plainAccess = (url: string): Access => ({
  where: "the scripted API server",
  target: async () => ({ server: new URL(url), headers: {}, tls: {} }),
  renew: () => {},
});
