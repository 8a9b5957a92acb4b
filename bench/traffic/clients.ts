import type { Reading } from "../../cli/demo/figures.ts";
import { type Remote, startRemote } from "../remote.ts";
import type { callerCommands, Kind, Pacing } from "./callers.ts";
import { type Summary, summaryOf } from "./summary.ts";
import type { Way, World } from "./world.ts";

/** Clients that keep requests on their way. */
export interface Clients extends AsyncDisposable {
  start(pacing: Pacing): Promise<void>;
  /** Resolves when so many requests have ended since the last reset, of each zone in proportion to its clients. */
  ended(count: number): Promise<void>;
  reset(): Promise<void>;
  /** Answers since the last reset. */
  reading(): Promise<Reading>;
  /** Of what has ended since the last reset. */
  summary(): Promise<Summary>;
  /** Resolves when all that was on its way has been answered. */
  stop(): Promise<void>;
}

export interface Dialled {
  readonly kind: Kind;
  readonly way: Way;
  /** Each client's zone. */
  readonly clients: readonly string[];
  /** Whether those of each zone have a process of their own, so that one does not have to do it all. */
  readonly apart: boolean;
}

/** grpc-js asks the DNS server that a target names only with this. */
const OWN_DNS = { GRPC_NODE_USE_ALTERNATIVE_RESOLVER: "true" };

type Callers = Remote<typeof callerCommands>;

interface Group {
  readonly callers: Callers;
  /** Its part of all clients. */
  readonly part: number;
}

async function dialGroups({ kind, way, clients, apart }: Dialled, world: World, stack: AsyncDisposableStack) {
  const all = clients.map((zone, i) => ({ zone, bootstrap: world.bootstrap(zone, i) }));
  const target = world.targets[way];
  const dns = way === "service" ? { dns: world.dns } : {};
  const dial = async (own: typeof all): Promise<Group> => {
    const file = new URL("callers.ts", import.meta.url);
    const callers = stack.use(startRemote<typeof callerCommands>(file, [], OWN_DNS));
    await callers.call("dial", { kind, target, clients: own, ...dns });
    return { callers, part: own.length / all.length };
  };
  return Promise.all([...Map.groupBy(all, ({ zone }) => (apart ? zone : "all")).values()].map(dial));
}

/** Starts clients and resolves when all are connected. */
export async function dialClients(dialled: Dialled, world: World): Promise<Clients> {
  await using stack = new AsyncDisposableStack();
  const groups = await dialGroups(dialled, world, stack);
  const each = <T>(ask: (callers: Callers) => Promise<T>): Promise<T[]> =>
    Promise.all(groups.map(({ callers }) => ask(callers)));
  const started = stack.move();
  return {
    start: async (pacing) => void (await each((callers) => callers.call("start", pacing))),
    ended: async (count) => {
      await Promise.all(groups.map(({ callers, part }) => callers.call("ended", Math.ceil(count * part))));
    },
    reset: async () => void (await each((callers) => callers.call("reset", undefined))),
    reading: async () =>
      new Map((await each((callers) => callers.call("counts", undefined))).flatMap((counts) => Object.entries(counts))),
    summary: async () => summaryOf(await each((callers) => callers.call("measured", undefined))),
    stop: async () => void (await each((callers) => callers.call("stop", undefined))),
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}
