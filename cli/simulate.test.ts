import { expect, test } from "vitest";
import { notSimulated, simulated } from "./simulate.ts";

const nothing = { ports: [], passedOver: 0, problems: [], connected: 3, pushes: { streams: 0, byType: [] } };
const port = { resourceName: "greeter.default:8080", changed: true, pushedTo: 0, notes: [] };

test("nothing imagined is told in two lines", () => {
  expect(simulated(nothing, false)).toBe("0 of 0 Service ports would change\n0 of 3 streams would be sent something\n");
});

test("pushes, problems, and what stays as it is with its notes are shown", () => {
  const text = simulated(
    {
      ...nothing,
      ports: [{ ...port, changed: false, notes: ["clients do not count"] }],
      problems: [{ object: "Service a/b", code: "bad", message: "no" }],
      pushes: { streams: 2, byType: [{ type: "assignment", streams: 2 }] },
    },
    false,
  );
  expect(text.split("\n")).toEqual([
    "0 of 1 Service port would change",
    "2 of 3 streams would be sent something (assignment 2)",
    "problem: Service a/b: no (bad)",
    "",
    "unchanged:",
    "  greeter.default:8080",
    "    clients do not count",
    "",
  ]);
});

test("a port that was not there, in no zone, shows what it has; loads that differ are a range", () => {
  const after = {
    mode: "spread",
    modeFrom: "default",
    endpoints: 2,
    mostPercent: 150,
    leastPercent: 50,
    zones: [{ region: "", zone: "", endpoints: 2, loadPercent: 100 }],
    flow: [{ from: { region: "", zone: "" }, demandPercent: 100, to: [{ region: "", zone: "", percent: 100 }] }],
  };
  const lines = simulated({ ...nothing, ports: [{ ...port, after }] }, true).split("\n");
  expect(lines.slice(3)).toEqual([
    "greeter.default:8080: - → mode spread, by default",
    "",
    "                                 before  after",
    "endpoints                        -       2",
    "load of one, where 100% is even  -       50% to 150%",
    "leaves its zone                  -       -",
    "leaves its region                -       -",
    "",
    "endpoints in  how many  load of one",
    "no zone       - → 2     - → 100%",
    "",
    "clients in  ask       of no zone",
    "no zone     - → 100%  - → 100%",
    "",
  ]);
});

test("a refusal lists what is near and what is allowed", () => {
  const error = { code: "x", message: "no", nearest: ["a"], allowed: ["a", "b"] };
  expect(notSimulated({ error })).toBe("no\nnearest: a\nallowed: a, b");
});
