import { expect, test } from "vitest";
import { createReconnects } from "./reconnects.ts";

test("B12: a client that comes back at once is counted, one that stays away for a while is not", () => {
  const reconnects = createReconnects();
  const times = [0, 1000, 2000, 60_000, 61_000].map((now) => {
    const came = reconnects.came("client", now);
    reconnects.left("client", now + 500);
    return came;
  });
  expect(times).toEqual([0, 1, 2, 0, 1]);
});

test("B12 B17: clients are told apart, and only so many are remembered", () => {
  const reconnects = createReconnects();
  reconnects.left("first", 0);
  for (let at = 0; at < 5000; at += 1) reconnects.left(`client ${at}`, 0);
  expect([reconnects.came("first", 1), reconnects.came("client 4999", 1)]).toEqual([0, 1]);
});
