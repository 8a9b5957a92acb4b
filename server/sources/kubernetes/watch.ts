/** Keeps one list + watch going: asks what its state says, and tells the state what is seen. */
import type { Clock } from "../../clock.ts";
import type { Client, Reply } from "./client.ts";
import { failureOfResponse } from "./failure.ts";
import { NOTHING_UNFINISHED, splitLines } from "./json-lines.ts";
import { pageSizeOf, pathOf, type Scope, selectorsOf } from "./kinds.ts";
import { type Chance, queryOf, type Seen } from "./watch-state.ts";
import { type Moment, type Step, saw, sawLine, sawPage, unread, type Watched } from "./watched.ts";

export interface Limits {
  readonly backOff: Chance["backOff"];
  /** A connection that brings nothing for so long is dead; bookmarks come about once a minute (L6). */
  readonly silenceMs: number;
  /** The same before the initial events of a watch-list have ended, and the time that they may take in all. */
  readonly initialSilenceMs: number;
  readonly initialMs: number;
  readonly maxLineBytes: number;
  readonly maxPageBytes: number;
}

export interface WatchOptions {
  readonly client: Client;
  readonly clock: Clock;
  /** From 0 to 1. */
  readonly random: () => number;
  readonly limits: Limits;
  /** Label selector for Services. */
  readonly selector: string | undefined;
  /** Something has come of what was asked for. */
  readonly onContact: (scope: Scope) => void;
  /** What was read together. */
  readonly onSteps: (before: Watched, steps: readonly Step[]) => void;
}

/** Rings unless it is set again in time. */
function createAlarm(clock: Clock) {
  const bell = new AbortController();
  let timer: ReturnType<Clock["after"]> | undefined;
  return {
    signal: bell.signal,
    set: (ms: number): void => {
      timer?.cancel();
      timer = clock.after(ms, () => bell.abort());
    },
    [Symbol.dispose]: () => timer?.cancel(),
  };
}

/** There is no connection, or no more. Thrown and caught in this file only, so that no bug is taken for one. */
class ConnectionLost extends Error {
  constructor(cause: unknown) {
    const message = cause instanceof Error ? cause.message || cause.name : String(cause);
    super(message === "aborted" ? "the connection broke" : message);
  }
}

const lost = (cause: unknown): never => {
  throw new ConnectionLost(cause);
};

async function* chunksOf({ body }: Reply): AsyncIterable<Buffer> {
  try {
    yield* body;
  } catch (error) {
    lost(error);
  }
}

/** Enough of an error's body to tell what it says. */
const MAX_ERROR_BYTES = 65_536;

/** A body as text; undefined when it is larger than it may be. */
async function textOf(reply: Reply, maxBytes: number, onChunk: () => void): Promise<string | undefined> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of chunksOf(reply)) {
    onChunk();
    bytes += chunk.length;
    if (bytes > maxBytes) return undefined;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/** The state of one list + watch, and who is told when it changes. */
function createKeeper(scope: Scope, { clock, random, limits, onSteps }: WatchOptions) {
  let watched = unread(scope);
  const moment = (): Moment => ({ random: random(), backOff: limits.backOff, wall: clock.wall() });
  /** Takes things one after the other, until one ends the request. */
  const take = <T>(things: readonly T[], next: (watched: Watched, thing: T, moment: Moment) => Step): void => {
    const before = watched;
    const steps: Step[] = [];
    for (const thing of things) {
      const taken = next(watched, thing, moment());
      watched = taken.after;
      steps.push(taken);
      if (!watched.state.open) break;
    }
    if (steps.length > 0) onSteps(before, steps);
  };
  return {
    state: () => watched.state,
    see: (seen: Seen): void => take([seen], saw),
    lines: (lines: readonly string[]): void => take(lines, sawLine),
    page: (body: string): void => take([body], sawPage),
  };
}

type Keeper = ReturnType<typeof createKeeper>;

interface Request {
  readonly keeper: Keeper;
  readonly limits: Limits;
  /** Something came, whatever it is. */
  readonly alive: () => void;
  /** Something came of what was asked for. */
  readonly contact: () => void;
  /** How long ago it was asked. */
  readonly afterMs: () => number;
}

async function readList(reply: Reply, { keeper, limits, contact }: Request): Promise<void> {
  const text = await textOf(reply, limits.maxPageBytes, contact);
  if (text === undefined)
    keeper.see({ kind: "unreadable", message: `a page of more than ${limits.maxPageBytes} bytes` });
  else keeper.page(text);
}

async function readWatch(reply: Reply, { keeper, limits, contact, afterMs }: Request): Promise<void> {
  let unfinished = NOTHING_UNFINISHED;
  const broken = (message: string): void => keeper.see({ kind: "broken", afterMs: afterMs(), message });
  for await (const chunk of chunksOf(reply)) {
    const split = splitLines(unfinished, chunk);
    unfinished = split.unfinished;
    keeper.lines(split.lines);
    contact();
    if (!keeper.state().open) return;
    if (unfinished.bytes > limits.maxLineBytes) return broken(`a line of more than ${limits.maxLineBytes} bytes`);
    if (keeper.state().ask.kind === "watch-list" && afterMs() > limits.initialMs) {
      return keeper.see({ kind: "silent", afterMs: afterMs(), message: "the initial events have no end" });
    }
  }
  if (unfinished.bytes > 0) broken("the connection broke within a line");
  else keeper.see({ kind: "ended", afterMs: afterMs() });
}

async function readReply(reply: Reply, request: Request): Promise<void> {
  const { keeper, alive, contact } = request;
  if (reply.status !== 200) {
    const text = await textOf(reply, MAX_ERROR_BYTES, alive);
    return keeper.see(failureOfResponse(reply.status, reply.retryAfter, text ?? ""));
  }
  contact();
  keeper.see({ kind: "opened" });
  await (keeper.state().ask.kind === "list" ? readList(reply, request) : readWatch(reply, request));
}

/** One request, to its end. */
async function askOnce(scope: Scope, keeper: Keeper, options: WatchOptions, stop: AbortSignal): Promise<void> {
  const { client, clock, random, limits, selector, onContact } = options;
  const { ask } = keeper.state();
  const askedAt = clock.now();
  const afterMs = (): number => clock.now() - askedAt;
  const silenceMs = (): number =>
    keeper.state().ask.kind === "watch-list" ? limits.initialSilenceMs : limits.silenceMs;
  using alarm = createAlarm(clock);
  const alive = (): void => alarm.set(silenceMs());
  const contact = (): void => {
    alive();
    onContact(scope);
  };
  alive();
  keeper.see({ kind: "asked" });
  try {
    const query = { ...queryOf(ask, pageSizeOf(scope.kind), random()), ...selectorsOf(scope, selector) };
    const signal = AbortSignal.any([stop, alarm.signal]);
    const reply = await client.get(pathOf(scope), query, signal).catch(lost);
    alive();
    await readReply(reply, { keeper, limits, alive, contact, afterMs });
  } catch (error) {
    if (!(error instanceof ConnectionLost)) throw error;
    if (stop.aborted) return;
    const isSilent = alarm.signal.aborted;
    const message = isSilent ? `nothing came for ${silenceMs() / 1000} s` : error.message;
    keeper.see({ kind: isSilent ? "silent" : "broken", afterMs: afterMs(), message });
  }
}

/** Lists and watches until it is told to stop. Never rejects for what the server does. */
export async function runWatch(scope: Scope, options: WatchOptions, stop: AbortSignal): Promise<void> {
  const keeper = createKeeper(scope, options);
  while (!stop.aborted) {
    const { waitMs } = keeper.state();
    if (waitMs > 0) await options.clock.sleep(waitMs, stop).catch(() => {}); // it is to stop
    if (!stop.aborted) await askOnce(scope, keeper, options, stop);
  }
}
