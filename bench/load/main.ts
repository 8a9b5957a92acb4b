/** The process that holds the clients. */
import { ASSIGNMENT, CLUSTER, LISTENER, ROUTE, type TypeUrl } from "../../snapshots/type-url.ts";
import { answer } from "../remote.ts";
import { zoneName } from "../world.ts";
import { type Client, openClient } from "./client.ts";

/** In the order in which a gRPC client asks for them. */
const ALL_TYPES: readonly TypeUrl[] = [LISTENER, ROUTE, CLUSTER, ASSIGNMENT];

/** How long clients may take to be served before those that are not count as such. */
const SERVE_WITHIN_MS = 60_000;

export interface Connecting {
  readonly port: number;
  readonly clients: number;
  /** How many may be on their way at the same time. */
  readonly atOnce: number;
  readonly name: string;
  /** Asks for assignments and nothing before them. */
  readonly onlyAssignments?: boolean;
}

export interface Connected {
  readonly served: number;
  /** From the first connection to the last client served. */
  readonly ms: number;
  /** How many clients lost their connection or stream, by reason. */
  readonly lost: Readonly<Record<string, number>>;
}

let clients: Client[] = [];
let lost: Record<string, number> = {};
let acks = 0;
let expectedAcks = 0;
let wake = (): void => {};

/** Waits until it holds; looks whenever a client has acknowledged something or is lost. */
function until(holds: () => boolean, withinMs: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), withinMs);
  wake = () => {
    if (holds()) resolve(true);
  };
  wake();
  return promise.finally(() => clearTimeout(timer));
}

function openOne({ port, name, onlyAssignments }: Connecting, index: number, onServed: () => void): Client {
  return openClient({
    port,
    name,
    id: `client-${index}`,
    zone: zoneName(index),
    types: onlyAssignments === true ? [ASSIGNMENT] : ALL_TYPES,
    onAck: (isServed) => {
      acks += 1;
      if (isServed) onServed();
      wake();
    },
    onLost: (reason) => {
      lost[reason] = (lost[reason] ?? 0) + 1;
      wake();
    },
  });
}

const lostCount = (): number => Object.values(lost).reduce((sum, count) => sum + count, 0);

async function connect(connecting: Connecting): Promise<Connected> {
  const { clients: count, atOnce } = connecting;
  const opened: Client[] = [];
  const start = performance.now();
  let served = 0;
  const openMore = (): void => {
    while (opened.length < count && opened.length - served < atOnce) {
      opened.push(
        openOne(connecting, opened.length, () => {
          served += 1;
          openMore();
        }),
      );
    }
  };
  lost = {};
  openMore();
  await until(() => served + lostCount() >= count, SERVE_WITHIN_MS);
  const ms = performance.now() - start;
  clients.push(...opened);
  expectedAcks = acks;
  return { served, ms, lost };
}

function disconnect(): void {
  for (const client of clients) client.close();
  clients = [];
}

export const loadCommands = answer({
  connect,
  disconnect,
  /** Ends all clients and opens as many others in the same turn. */
  reconnect: (connecting: Connecting): Promise<Connected> => {
    disconnect();
    return connect(connecting);
  },
  /** Waits for so many more acknowledged responses than were waited for before; false when they do not come. */
  acknowledged: ({ count, withinMs }: { count: number; withinMs: number }): Promise<boolean> => {
    expectedAcks += count;
    return until(() => acks >= expectedAcks, withinMs);
  },
  /** Responses that came without being waited for, and clients lost since they were opened. */
  surprises: () => ({ acks: acks - expectedAcks, lost: lostCount() }),
});
