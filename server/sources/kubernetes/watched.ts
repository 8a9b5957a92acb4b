/** One list + watch: what it does and what it knows. Pure. */
import { type Contents, changed, type Entry, entryOf, NO_CONTENTS, replaced } from "./contents.ts";
import type { Scope } from "./kinds.ts";
import { readLine, readPage } from "./message.ts";
import {
  beginsList,
  type Chance,
  completesList,
  isTroubled,
  type Seen,
  START,
  step,
  type WatchState,
} from "./watch-state.ts";

export interface Watched {
  readonly scope: Scope;
  readonly state: WatchState;
  readonly contents: Contents;
  /** What a list has brought so far. Nobody else sees it, so it is filled and not copied. */
  readonly listing: Entry[];
  /** While it is out of contact: since when, and when it is tried again. Milliseconds since the epoch. */
  readonly out?: { readonly since: number; readonly nextAt: number };
}

export interface Moment extends Chance {
  /** Milliseconds since the epoch. */
  readonly wall: number;
}

/** A part of what a request brings, and what came of it. */
export interface Step {
  readonly seen: Seen;
  readonly entries: readonly Entry[];
  readonly after: Watched;
  /** With this step everything has been read. */
  readonly completes: boolean;
}

export const unread = (scope: Scope): Watched => ({ scope, state: START, contents: NO_CONTENTS, listing: [] });

function outOf({ out }: Watched, seen: Seen, state: WatchState, wall: number): Watched["out"] {
  if (seen.kind === "asked") return out;
  return isTroubled(state) ? { since: out?.since ?? wall, nextAt: wall + state.waitMs } : undefined;
}

/** Takes in one thing that is seen, with the objects that it brings. */
export function saw(watched: Watched, seen: Seen, moment: Moment, entries: readonly Entry[] = []): Step {
  const { scope, contents, listing } = watched;
  const state = step(watched.state, seen, moment);
  const isWatch = watched.state.ask.kind === "watch";
  const completes = completesList(watched.state, state);
  const out = outOf(watched, seen, state, moment.wall);
  if (!isWatch) listing.push(...entries);
  const known = isWatch && entries.length > 0 ? changed(contents, entries) : contents;
  return {
    seen,
    entries: isWatch ? entries : [],
    completes,
    after: {
      scope,
      state,
      contents: completes ? replaced(contents, listing) : known,
      listing: completes || (seen.kind === "asked" && beginsList(state.ask)) ? [] : listing,
      ...(out !== undefined && { out }),
    },
  };
}

/** Takes in a line of a watch. */
export function sawLine(watched: Watched, line: string, moment: Moment): Step {
  const message = readLine(line);
  if (message.kind !== "changed") return saw(watched, message, moment);
  return saw(watched, message, moment, [entryOf(watched.scope.kind, message.raw, message.gone)]);
}

/** Takes in a page of a list. */
export function sawPage(watched: Watched, body: string, moment: Moment): Step {
  const page = readPage(body);
  if (page.kind !== "page") return saw(watched, page, moment);
  return saw(
    watched,
    page,
    moment,
    page.items.map((raw) => entryOf(watched.scope.kind, raw, false)),
  );
}
