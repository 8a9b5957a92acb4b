import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { failureOf, failureOfResponse } from "./failure.ts";
import {
  beginsList,
  type Chance,
  completesList,
  isTroubled,
  queryOf,
  type Seen,
  START,
  step,
  type WatchState,
} from "./watch-state.ts";

const chance: Chance = { random: 1, backOff: { firstMs: 100, mostMs: 30_000 } };

const after = (start: WatchState, ...seen: readonly Seen[]): WatchState =>
  seen.reduce((state, one) => step(state, one, chance), start);

const asked: Seen = { kind: "asked" };
const opened: Seen = { kind: "opened" };
const ended = (afterMs: number): Seen => ({ kind: "ended", afterMs });
const broken: Seen = { kind: "broken", afterMs: 0, message: "ECONNREFUSED" };
const expired = failureOf({ code: 410, reason: "Expired" });
const watching = after(START, asked, opened, { kind: "bookmark", version: "7", complete: true });

test("L1: a watch-list is complete at its bookmark, and goes on as a watch", () => {
  const begun = after(START, asked, opened, { kind: "changed", version: "5" });
  const done = step(begun, { kind: "bookmark", version: "7", complete: true }, chance);
  expect([begun.synced, completesList(begun, done), done.synced, done.open]).toEqual([false, true, true, true]);
  expect(done.ask).toEqual({ kind: "watch", version: "7" });
});

test("L1: pages lead to a watch from the version of the list", () => {
  const listing = after(START, asked, failureOf({ reason: "Invalid" }, 422));
  expect([listing.ask, listing.waitMs, listing.trouble]).toEqual([{ kind: "list" }, 0, undefined]);
  const half = after(listing, asked, opened, { kind: "page", version: "9", next: "more" });
  expect([half.ask, half.open, beginsList(half.ask)]).toEqual([{ kind: "list", next: "more" }, false, false]);
  const whole = after(half, asked, opened, { kind: "page", version: "9" });
  expect([whole.ask, completesList(half, whole)]).toEqual([{ kind: "watch", version: "9" }, true]);
});

test("L2 L3: objects and bookmarks move the version on, and a watch is resumed from it at once", () => {
  const later = after(
    watching,
    { kind: "changed", version: "8" },
    { kind: "bookmark", version: "12", complete: false },
  );
  const again = step(later, ended(400_000), chance);
  expect([again.ask, again.waitMs, again.open]).toEqual([{ kind: "watch", version: "12" }, 0, false]);
});

test("an event without a version leaves the version as it is", () => {
  expect(after(watching, { kind: "changed", version: "" }).ask).toEqual({ kind: "watch", version: "7" });
});

test("L4: what is expired is listed again, in the form that the server knows", () => {
  expect(after(watching, expired).ask).toEqual({ kind: "watch-list" });
  expect(after({ ...watching, form: "list" }, expired).ask).toEqual({ kind: "list" });
});

test("L5: back-off doubles with each failure up to its cap", () => {
  let state = after(watching, broken);
  const waits = Array.from({ length: 11 }, () => {
    const { waitMs } = state;
    state = after(state, asked, broken);
    return waitMs;
  });
  expect(waits).toEqual([100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000]);
});

test("L5: Retry-After comes before the back-off, and has an end", () => {
  expect(after(watching, failureOfResponse(429, "3", "")).waitMs).toBe(3100);
  expect(after(watching, failureOfResponse(503, "99999", "")).waitMs).toBe(300_100);
  expect(after(watching, failureOfResponse(503, "Wed, 21 Oct 2015 07:28:00 GMT", "")).waitMs).toBe(100);
});

test("a watch that fails again and again where it is resumed is begun anew, but not for a server that is away", () => {
  const [inWatch, away] = [failureOf({ code: 500 }), failureOfResponse(503, undefined, "")];
  const asks = (failure: Seen) =>
    [1, 2, 3].map((times) => after(watching, ...Array(times).fill([asked, opened, failure]).flat()).ask.kind);
  expect(asks(inWatch)).toEqual(["watch", "watch", "watch-list"]);
  expect(asks(away)).toEqual(["watch", "watch", "watch"]);
});

test("a watch that lived makes earlier failures count no more", () => {
  const failing = after(watching, broken, asked, broken, asked, broken);
  expect(after(failing, asked, opened, ended(5000), asked, broken).failures).toBe(1);
  expect(after(failing, asked, opened, { kind: "changed", version: "8" }, broken).failures).toBe(1);
  expect(after(failing, asked, opened, ended(5)).failures).toBe(4);
});

test("one failure of a watch is no news, a second is; before the first complete list every one is", () => {
  const once = after(watching, { kind: "changed", version: "8" }, broken);
  expect([once, after(once, asked, broken), after(START, asked, broken)].map(isTroubled)).toEqual([false, true, true]);
  expect(isTroubled(after(once, asked, broken, asked, opened))).toBe(false);
});

test("without the right to watch, a list is tried before the right is said to be missing", () => {
  const denied = failureOf({ message: "nobody may" }, 403);
  const listing = after(START, asked, denied);
  expect([listing.ask, listing.trouble]).toEqual([{ kind: "list" }, undefined]);
  expect(after(listing, asked, denied).trouble).toEqual({
    message: "status 403: nobody may",
    denied: { verb: "list", absent: false },
  });
});

describe("whatever is seen", () => {
  const any = fc.oneof(
    fc.constantFrom<Seen[]>(
      asked,
      opened,
      broken,
      expired,
      { kind: "unreadable", message: "" },
      { kind: "page", version: "5" },
      { kind: "page", version: "5", next: "n" },
      ...[400, 401, 403, 404, 422, 429, 500].map((code) => failureOf({}, code)),
    ),
    fc.record({ kind: fc.constant("changed" as const), version: fc.constantFrom("", "6", "7") }),
    fc.record({ kind: fc.constant("bookmark" as const), version: fc.constantFrom("8", "9"), complete: fc.boolean() }),
    fc.record({ kind: fc.constant("ended" as const), afterMs: fc.constantFrom(0, 5000) }),
    fc.record({ kind: fc.constant("silent" as const), afterMs: fc.constantFrom(0, 5000), message: fc.constant("") }),
  );
  const walk = (seen: readonly Seen[]): readonly WatchState[] => {
    const states = [START];
    for (const one of seen) states.push(step(states.at(-1) ?? START, one, chance));
    return states;
  };
  const always = (holds: (state: WatchState, before: WatchState, seen: Seen) => boolean): void => {
    fc.assert(
      fc.property(fc.array(any, { maxLength: 30 }), (seen) => {
        const states = walk(seen);
        return seen.every((one, i) => holds(states[i + 1] ?? START, states[i] ?? START, one));
      }),
    );
  };

  test("it never waits for longer than the cap without being told to", () => {
    always(({ waitMs }) => waitMs >= 0 && waitMs <= chance.backOff.mostMs);
  });

  test("what was read completely stays read (L7)", () => {
    always((state, before) => state.synced || !before.synced);
  });

  test("a watch always has a version, and comes of a complete list only", () => {
    always(({ ask, synced }) => ask.kind !== "watch" || (ask.version !== "" && synced));
  });

  test("what breaks, expires or is refused ends the request", () => {
    const goesOn = new Set(["asked", "opened", "changed", "bookmark"]);
    always(({ open }, _, seen) => goesOn.has(seen.kind) || !open);
  });
});

test("no two watches need end at once", () => {
  const seconds = [0, 0.5, 0.999].map((random) => queryOf({ kind: "watch", version: "1" }, 500, random).timeoutSeconds);
  expect(seconds).toEqual(["300", "450", "600"]);
});
