import { expect, test } from "vitest";
import { createLedger } from "./ledger.ts";

const place = { region: "r", zone: "a", subZone: "" };

test("a report tells what happened since the last one, and what is still in progress", () => {
  const ledger = createLedger();
  const tally = ledger.tally("shop", { ...place, zone: "a" });
  Object.assign(tally, { issued: 3, succeeded: 1, failed: 1, inProgress: 1 });
  expect(ledger.tally("shop", place)).toBe(tally);
  ledger.drop("shop", "overload");
  expect(ledger.report(undefined)).toEqual([
    {
      cluster: "shop",
      localities: [{ place, issued: 3, succeeded: 1, failed: 1, inProgress: 1 }],
      dropped: new Map([["overload", 1]]),
    },
  ]);
  expect(ledger.report(undefined)).toMatchObject([{ localities: [{ issued: 0, inProgress: 1 }], dropped: new Map() }]);
  tally.inProgress = 0;
  expect(ledger.report(undefined)).toEqual([]);
});

test("a cluster that is not asked for keeps its counts", () => {
  const ledger = createLedger();
  ledger.tally("shop", place).issued = 2;
  expect(ledger.report(new Set(["other"]))).toEqual([]);
  expect(ledger.report(new Set(["shop"]))).toMatchObject([{ localities: [{ issued: 2 }] }]);
});
