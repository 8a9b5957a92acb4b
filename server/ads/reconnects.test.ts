import { expect, test } from "vitest";
import { createReconnects, isWorthTelling } from "./reconnects.ts";

test("B12: a client that comes back at once is counted, one that stays away for a while is not", () => {
  const reconnects = createReconnects();
  const times = [0, 1000, 2000, 60_000, 61_000].map((now) => {
    const came = reconnects.came("client", now);
    reconnects.left("client", now + 500);
    return came;
  });
  expect(times).toEqual([0, 1, 2, 0, 1]);
});

test("B12: a client that comes back at once after a long stay is not counted", () => {
  const reconnects = createReconnects();
  const times = [0, 1_800_000, 3_600_000].map((now) => {
    const came = reconnects.came("client", now);
    reconnects.left("client", now + 1_799_000);
    return came;
  });
  expect(times).toEqual([0, 0, 0]);
});

test("B12: one stream that ends and comes back while the client has another is no return", () => {
  const reconnects = createReconnects();
  reconnects.came("client", 0);
  const times = [1000, 2000, 3000].map((now) => {
    const came = reconnects.came("client", now);
    reconnects.left("client", now + 500);
    return came;
  });
  reconnects.left("client", 4000);
  expect([times, reconnects.came("client", 4500)]).toEqual([[0, 0, 0], 1]);
});

test("B12 B17: clients are told apart, and only so many are remembered", () => {
  const reconnects = createReconnects();
  for (const client of ["first", ...Array.from({ length: 5000 }, (_, at) => `client ${at}`)]) {
    reconnects.came(client, 0);
    reconnects.left(client, 0);
  }
  expect([reconnects.came("first", 1), reconnects.came("client 4999", 1)]).toEqual([0, 1]);
});

test("B12: the log is told at 5, 10, 20, 40, 80 times in a row", () => {
  const told = Array.from({ length: 100 }, (_, times) => times).filter(isWorthTelling);
  expect(told).toEqual([5, 10, 20, 40, 80]);
});
