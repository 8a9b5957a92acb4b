import { expect, test } from "vitest";
import { ASSIGNMENT, CLUSTER } from "../../snapshots/type-url.ts";
import type { Change } from "../convergence.ts";
import { admin, NOW } from "./fixtures.ts";

const change = (id: number, more: Partial<Change> = {}): Change => ({
  id,
  at: NOW,
  changes: new Map([
    [CLUSTER, []],
    [ASSIGNMENT, Array.from({ length: 12 }, (_, at) => `service-${at}.default:80`)],
  ]),
  publishMs: 1.23456,
  objectAgeMs: 40,
  clients: 3,
  acked: 1,
  refused: 1,
  left: 1,
  lastAckMs: 7,
  slowest: { stream: "k", nodeId: "cart-7" },
  state: "done",
  ...more,
});

const serving = (changes: readonly Change[]) => admin({ options: { convergence: { recent: () => changes } } });

test("a change is shown with what it may have changed, how many it reached, how long that took, and who was last", async () => {
  await using server = await serving([change(1)]);
  const names = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"].map((at) => `service-${at}.default:80`);
  expect((await server.get("/v1/changes")).json()).toEqual({
    total: 1,
    changes: [
      {
        id: 1,
        at: "2030-01-01T00:00:00.000Z",
        resources: [{ type: "assignment", names, namesTotal: 12 }],
        state: "done",
        ...{ publishMs: 1.23, lastAckMs: 7, objectAgeMs: 40 },
        clients: { sent: 3, acked: 1, refused: 1, left: 1 },
        slowest: { stream: "k", nodeId: "cart-7" },
      },
    ],
  });
});

test("what is not known yet is absent", async () => {
  await using server = await serving([
    change(1, { lastAckMs: undefined, objectAgeMs: undefined, slowest: undefined, state: "spreading" }),
  ]);
  const [shown] = (await server.get("/v1/changes")).json().changes;
  expect(Object.keys(shown)).toEqual(["id", "at", "resources", "state", "publishMs", "clients"]);
});

test("the newest comes first, over all pages", async () => {
  await using server = await serving([change(12), change(11), change(10), change(9)]);
  const first = (await server.get("/v1/changes?limit=3")).json();
  const second = (await server.get(`/v1/changes?limit=3&after=${first.next}`)).json();
  const ids = [first, second].map(({ changes }) => changes.map(({ id }: { id: number }) => id));
  expect([ids, first.total, second.next]).toEqual([[[12, 11, 10], [9]], 4, undefined]);
});
