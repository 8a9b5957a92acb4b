import { expect, test } from "vitest";
import type { Changes } from "../snapshots/changes.ts";
import { ASSIGNMENT, CLUSTER } from "../snapshots/type-url.ts";
import { Convergence, type Debtor } from "./convergence.ts";
import { createMetrics } from "./metrics.ts";
import { createFakeClock, EPOCH } from "./pipeline/fixtures.ts";

const CHANGES: Changes = new Map([[ASSIGNMENT, ["a"]]]);
const debtor = (id: string): Debtor => ({ id, node: { id: `node of ${id}` } });
const [ONE, TWO] = [debtor("one"), debtor("two")];

function setUp() {
  const { clock, advance } = createFakeClock();
  const metrics = createMetrics();
  const convergence = new Convergence(clock, metrics);
  const publish = (told: readonly Debtor[], changedAt?: number, reportedAt = clock.now()): void =>
    convergence.publish({ reportedAt, changedAt }, CHANGES, () => {
      for (const one of told) convergence.told(one);
    });
  /** Writes of these types, and then nothing more. */
  const send = (one: Debtor, ...types: (typeof ASSIGNMENT | typeof CLUSTER)[]): void => {
    for (const typeUrl of types) convergence.wrote(one, typeUrl);
    convergence.looked(one);
  };
  const answer = (one: Debtor, typeUrl: typeof ASSIGNMENT | typeof CLUSTER = ASSIGNMENT, refused = false): void =>
    convergence.answered(one, { typeUrl, sentAt: clock.now(), refused });
  const sums = async (): Promise<Record<string, number>> => {
    const { values } = await metrics.convergenceSeconds.get();
    const of = values.filter(({ metricName }) => metricName?.endsWith("_sum"));
    return Object.fromEntries(of.map(({ labels, value }) => [`${labels.from} ${labels.to}`, value]));
  };
  return { convergence, clock, advance, publish, send, answer, sums, metrics };
}

test("a change is done with the last client's answer, and that client is the slowest", async () => {
  const { convergence, clock, advance, publish, send, answer, sums } = setUp();
  advance(10);
  publish([ONE, TWO], EPOCH - 500, 5);
  for (const one of [ONE, TWO]) send(one, ASSIGNMENT);
  const at = clock.now();
  advance(3);
  convergence.answered(TWO, { typeUrl: ASSIGNMENT, sentAt: at, refused: false });
  const before = convergence.recent()[0]?.state;
  advance(4);
  convergence.answered(ONE, { typeUrl: ASSIGNMENT, sentAt: at, refused: false });
  answer(ONE);
  expect(before).toBe("spreading");
  expect(convergence.recent()).toMatchObject([
    {
      ...{ id: 1, at: EPOCH + 10, changes: CHANGES, publishMs: 5, objectAgeMs: 505, state: "done" },
      ...{ clients: 2, acked: 2, refused: 0, left: 0, lastAckMs: 12 },
      slowest: { stream: "one", nodeId: "node of one" },
    },
  ]);
  expect(await sums()).toEqual({
    "report publish": 0.005,
    "object publish": 0.51,
    "report last_ack": 0.012,
    "object last_ack": 0.517,
  });
});

test("who is told and has nothing to send is waited for no longer, and is no client of the change", async () => {
  const { convergence, publish, send, sums } = setUp();
  publish([ONE, TWO]);
  send(ONE);
  const before = convergence.recent()[0]?.state;
  send(TWO);
  expect([before, convergence.recent()[0]]).toMatchObject(["spreading", { state: "done", clients: 0 }]);
  expect(await sums()).toEqual({ "report publish": 0 });
});

test("a change that concerns nobody is done at once", () => {
  const { convergence, publish } = setUp();
  publish([]);
  expect(convergence.recent()).toMatchObject([{ state: "done", clients: 0 }]);
});

test("a client that is sent several types is waited for until it answered each", () => {
  const { convergence, publish, send, answer } = setUp();
  publish([ONE]);
  send(ONE, CLUSTER, ASSIGNMENT);
  answer(ONE, ASSIGNMENT);
  const before = convergence.recent()[0]?.state;
  answer(ONE, CLUSTER);
  expect([before, convergence.recent()[0]]).toMatchObject(["spreading", { state: "done", clients: 1, acked: 1 }]);
});

test("the answer to what was sent before the change counts for nothing", () => {
  const { convergence, clock, advance, publish, send } = setUp();
  const old = clock.now();
  advance(1);
  publish([ONE]);
  send(ONE, ASSIGNMENT);
  convergence.answered(ONE, { typeUrl: ASSIGNMENT, sentAt: old, refused: false });
  expect(convergence.recent()[0]).toMatchObject({ state: "spreading", acked: 0 });
});

test("a client that cannot be written to is waited for, and one answer then is for all changes that it missed", () => {
  const { convergence, advance, publish, send, answer } = setUp();
  publish([ONE]);
  advance(1);
  publish([ONE]);
  advance(1);
  send(ONE, ASSIGNMENT);
  const before = convergence.recent().map(({ state }) => state);
  answer(ONE);
  expect(before).toEqual(["spreading", "spreading"]);
  expect(convergence.recent()).toMatchObject([
    { id: 2, state: "done", acked: 1, lastAckMs: 1 },
    { id: 1, state: "done", acked: 1, lastAckMs: 2 },
  ]);
});

test("a refusal and a client that leaves are counted, and end the waiting", () => {
  const { convergence, publish, send, answer } = setUp();
  publish([ONE, TWO]);
  for (const one of [ONE, TWO]) send(one, ASSIGNMENT);
  answer(ONE, ASSIGNMENT, true);
  convergence.left(TWO);
  expect(convergence.recent()[0]).toMatchObject({ state: "done", clients: 2, acked: 0, refused: 1, left: 1 });
});

test("who never answers is waited for a minute; a late answer changes nothing", async () => {
  const { convergence, clock, advance, publish, send, answer, sums, metrics } = setUp();
  publish([ONE]);
  send(ONE, ASSIGNMENT);
  advance(60_000);
  convergence.sweep(clock.now());
  const before = convergence.recent()[0]?.state;
  advance(1);
  convergence.sweep(clock.now());
  answer(ONE);
  expect([before, convergence.recent()[0]]).toMatchObject(["spreading", { state: "unfinished", acked: 0 }]);
  expect(Object.keys(await sums())).toEqual(["report publish"]);
  expect((await metrics.unfinishedChanges.get()).values[0]?.value).toBe(1);
});

test("the newest 1,000 changes are kept", () => {
  const { convergence, publish } = setUp();
  for (let at = 0; at < 1005; at += 1) publish([]);
  const kept = convergence.recent();
  expect([kept.length, kept[0]?.id, kept.at(-1)?.id]).toEqual([1000, 1005, 6]);
});

test("what is told while nothing is published is no change", () => {
  const { convergence, send, answer } = setUp();
  convergence.told(ONE);
  send(ONE, ASSIGNMENT);
  answer(ONE);
  expect(convergence.recent()).toEqual([]);
});
