/** What one list + watch does next, whatever it sees. Pure: time and dice are given. */
import type { Failure } from "./failure.ts";
import type { Unreadable } from "./message.ts";

/** What the API server is asked for. */
export type Ask =
  /** A page of the list: the first, or the one that a token stands for. */
  | { readonly kind: "list"; readonly next?: string }
  /** Everything there is, and then what changes, in one watch. */
  | { readonly kind: "watch-list" }
  | { readonly kind: "watch"; readonly version: string };

/** What is seen of a request, in order: asked, opened, some of the others; the last ends it. */
export type Seen =
  | { readonly kind: "asked" }
  /** It is answered with status 200. */
  | { readonly kind: "opened" }
  | { readonly kind: "page"; readonly version: string; readonly next?: string }
  | { readonly kind: "changed"; readonly version: string }
  | { readonly kind: "bookmark"; readonly version: string; readonly complete: boolean }
  /** The server ended it in order, so long after it was asked. */
  | { readonly kind: "ended"; readonly afterMs: number }
  /** There is no connection, or it broke. */
  | { readonly kind: "broken"; readonly afterMs: number; readonly message: string }
  /** Nothing came for too long, or the initial events have no end. */
  | { readonly kind: "silent"; readonly afterMs: number; readonly message: string }
  | Unreadable
  | Failure;

export interface Trouble {
  readonly message: string;
  /** There is no right to it, or no such kind. */
  readonly denied?: { readonly verb: "list" | "watch"; readonly absent: boolean };
}

export interface WatchState {
  /** What is being asked, or is next. */
  readonly ask: Ask;
  readonly open: boolean;
  /** How long to wait before it is asked. */
  readonly waitMs: number;
  /** Something came since it was asked. */
  readonly heard: boolean;
  /** How all is read, as far as the server is known. */
  readonly form: "watch-list" | "list";
  /** In a row, with no watch between them that lived. */
  readonly failures: number;
  /** Everything was read at least once (L10). */
  readonly synced: boolean;
  /** Why it is out of contact. */
  readonly trouble?: Trouble;
}

export interface Chance {
  /** From 0 to 1. */
  readonly random: number;
  /** The first wait is at most `firstMs`; it doubles with each failure. */
  readonly backOff: { readonly firstMs: number; readonly mostMs: number };
}

export const START: WatchState = {
  ask: { kind: "watch-list" },
  open: false,
  waitMs: 0,
  heard: false,
  form: "watch-list",
  failures: 0,
  synced: false,
};

/** A watch that lived for so long was a good one, even if nothing happened. */
const LIVED_MS = 1000;

/** All is to be read from its beginning: nothing is kept of a list that was under way. */
export const beginsList = (ask: Ask): boolean =>
  ask.kind === "watch-list" || (ask.kind === "list" && ask.next === undefined);

/** With this step everything has been read. */
export const completesList = (before: WatchState, after: WatchState): boolean =>
  before.ask.kind !== "watch" && after.ask.kind === "watch";

/** One failure of a watch that has been good is no news: it is tried again first. */
export const isTroubled = ({ trouble, failures, synced }: WatchState): boolean =>
  trouble !== undefined && (failures >= 2 || !synced);

const fromBeginning = ({ form }: WatchState): Ask => ({ kind: form });

const watching = (state: WatchState, version: string): WatchState => ({
  ...state,
  ask: { kind: "watch", version },
  synced: true,
});

const withoutTrouble = ({ trouble: _, ...state }: WatchState): WatchState => state;

/** Moves the version on (L2); in the initial events it means nothing yet. */
function heard(state: WatchState, version: string): WatchState {
  const next = { ...state, heard: true };
  if (state.ask.kind !== "watch") return next;
  return { ...next, failures: 0, ask: { kind: "watch", version: version === "" ? state.ask.version : version } };
}

const isGood = ({ ask, heard }: WatchState, afterMs: number): boolean =>
  ask.kind === "watch" && (heard || afterMs >= LIVED_MS);

interface Failed {
  readonly trouble: Trouble;
  readonly chance: Chance;
  readonly afterMs?: number;
  readonly retryAfterMs?: number;
}

/** Asks again, after exponential back-off with full jitter, and not before the server wants it (L5). */
function again(state: WatchState, ask: Ask, { trouble, chance, afterMs = 0, retryAfterMs = 0 }: Failed): WatchState {
  const failures = isGood(state, afterMs) ? 1 : state.failures + 1;
  const { firstMs, mostMs } = chance.backOff;
  const waitMs = retryAfterMs + chance.random * Math.min(mostMs, firstMs * 2 ** (failures - 1));
  return { ...state, ask, open: false, waitMs, failures, trouble };
}

/** Resumed there, the watch fails there again: an event that the server cannot give, for one. */
const isStuck = (state: WatchState, { inWatch }: Failure): boolean => inWatch && state.failures >= 2;

function afterFailure(state: WatchState, failure: Failure, chance: Chance): WatchState {
  const { why, code, message, retryAfterMs } = failure;
  const { ask } = state;
  const failed = { trouble: { message }, chance, ...(retryAfterMs !== undefined && { retryAfterMs }) };
  switch (why) {
    case "expired":
      return again(state, fromBeginning(state), failed);
    case "refused":
    case "denied":
      if (ask.kind === "watch-list") return { ...state, form: "list", ask: { kind: "list" }, open: false };
      if (why === "refused") return again(state, fromBeginning(state), failed);
      return again(state, ask, { ...failed, trouble: { message, denied: { verb: ask.kind, absent: code === 404 } } });
    case "failed":
      return again(state, isStuck(state, failure) ? fromBeginning(state) : ask, failed);
  }
}

/** A server may end a watch when it likes (L3); one that does so at once must not be asked in a tight loop. */
function afterEnd(state: WatchState, afterMs: number, chance: Chance): WatchState {
  if (isGood(state, afterMs)) return { ...state, open: false, failures: 0 };
  return again(state, state.ask, { trouble: { message: "the watch is ended as soon as it begins" }, chance });
}

/** A server that does not know of watch-lists takes one for a watch, whose initial events have no end. */
function afterSilence(state: WatchState, failed: Failed): WatchState {
  if (state.ask.kind !== "watch-list") return again(state, state.ask, failed);
  return again({ ...state, form: "list" }, { kind: "list" }, failed);
}

/** The only way to the next state. */
export function step(state: WatchState, seen: Seen, chance: Chance): WatchState {
  switch (seen.kind) {
    case "asked":
      return { ...state, open: true, heard: false, waitMs: 0 };
    case "opened":
      return withoutTrouble(state);
    case "page":
      if (seen.next === undefined) return { ...watching(state, seen.version), open: false };
      return { ...state, open: false, ask: { kind: "list", next: seen.next } };
    case "changed":
      return heard(state, seen.version);
    case "bookmark":
      return heard(seen.complete && state.ask.kind === "watch-list" ? watching(state, "") : state, seen.version);
    case "ended":
      return afterEnd(state, seen.afterMs, chance);
    case "broken":
      return again(state, state.ask, { trouble: { message: seen.message }, chance, afterMs: seen.afterMs });
    case "silent":
      return afterSilence(state, { trouble: { message: seen.message }, chance, afterMs: seen.afterMs });
    case "unreadable":
      return again(state, fromBeginning(state), { trouble: { message: seen.message }, chance });
    case "failure":
      return afterFailure(state, seen, chance);
  }
}

/** The part of a request's query that belongs to what is asked. */
export function queryOf(ask: Ask, pageSize: number, random: number): Readonly<Record<string, string>> {
  const watch = {
    watch: "true",
    allowWatchBookmarks: "true",
    timeoutSeconds: String(300 + Math.floor(random * 301)), // not all at once
  };
  switch (ask.kind) {
    case "list":
      return { limit: String(pageSize), ...(ask.next !== undefined && { continue: ask.next }) };
    case "watch-list":
      return { ...watch, sendInitialEvents: "true", resourceVersionMatch: "NotOlderThan" };
    case "watch":
      return { ...watch, resourceVersion: ask.version };
  }
}
