import { expect, test } from "vitest";
import { explained, unexplained } from "./explain.ts";

const nowhere = {
  resourceName: "greeter.default:8080",
  seenBy: { kind: "grpc" as const },
  mode: "local",
  modeFrom: "internalTrafficPolicy",
  localities: [],
  zones: [],
  leftOut: [],
};

test("what there is nothing of is not shown, but that nothing serves is", () => {
  expect(explained(nowhere)).toBe(
    "greeter.default:8080 for grpc clients in an unknown zone\nmode local, by internalTrafficPolicy\n\nno endpoint can serve them\n",
  );
});

test("a problem, parts of zones, unknown zones and endpoints left out are shown", () => {
  const place = { region: "", zone: "" };
  const endpoints = [{ address: "10.0.0.1", port: 1, health: "healthy" }];
  const text = explained({
    ...nowhere,
    problem: { object: "Service default/greeter", code: "client-node-unknown", message: "no node" },
    localities: [{ ...place, priority: 0, subZone: "hinted", weight: 1, percent: 100, reason: "hinted", endpoints }],
    zones: [{ ...place, capacityPercent: 100 }],
    leftOut: [
      { address: "10.0.0.2", port: 1, why: "it is not ready" },
      { address: "fd00::1", why: "its slice is IPv6" },
    ],
  });
  expect(text.split("\n").slice(2)).toEqual([
    "problem: no node (client-node-unknown)",
    "",
    "priority  zone              weight  share  endpoints  why",
    "0         no zone (hinted)  1       100%   1          hinted",
    "",
    "zone     demand  capacity",
    "no zone  -       100%",
    "",
    "left out         why",
    "10.0.0.2 port 1  it is not ready",
    "fd00::1          its slice is IPv6",
    "",
  ]);
});

test("an error is told with the nearest names, if there are any", () => {
  expect(unexplained({ error: { code: "x", message: "no such name" } })).toBe("no such name");
  expect(unexplained({ error: { code: "x", message: "no such name", nearest: ["a", "b"] } })).toBe(
    "no such name\nnearest: a, b",
  );
});
