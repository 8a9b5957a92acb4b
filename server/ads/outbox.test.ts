import { expect, test } from "vitest";
import { Outbox } from "./outbox.ts";

test("E4: it is blocked by many bytes, and unblocked when enough of them have left", () => {
  const outbox = new Outbox();
  outbox.wrote(200_000, 0);
  const before = outbox.isBlocked;
  outbox.wrote(200_000, 0);
  expect([before, outbox.isBlocked, outbox.left(1), outbox.isBlocked, outbox.left(1)]).toEqual([
    false,
    true,
    true,
    false,
    false,
  ]);
});

test("E4: it is blocked by many responses, however small", () => {
  const outbox = new Outbox();
  for (let at = 0; at < 15; at += 1) outbox.wrote(1, 0);
  expect(outbox.isBlocked).toBe(true);
});

test("E4: it is stuck since the last time that anything left", () => {
  const outbox = new Outbox();
  const empty = outbox.stuckSince;
  outbox.wrote(1, 10);
  outbox.wrote(1, 20);
  const first = outbox.stuckSince;
  outbox.left(30);
  const second = outbox.stuckSince;
  outbox.left(40);
  expect([empty, first, second, outbox.stuckSince]).toEqual([undefined, 10, 30, undefined]);
});
