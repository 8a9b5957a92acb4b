import { expect, test } from "vitest";
import type { TrafficPolicy } from "./derive/model.ts";
import { unfollowed } from "./followed.ts";
import { type ClientKind, clientKind } from "./resources/client-kind.ts";

test.each([
  ["gRPC Go", "grpc-go"],
  ["gRPC Java", "grpc-java"],
  ["gRPC C-core linux Python", "grpc-core"],
  ["gRPC Node Pure JS", "grpc-node"],
  ["gRPC Haskell", "grpc"],
  ["evenkeel-client", "evenkeel"],
  ["gRPC Rust tonic-xds", "tonic"],
  ["tonic-xds", "tonic"],
  ["envoy", "envoy"],
  ["", "other"],
  ["curl", "other"],
] as const)("a client that calls itself %j is of kind %s", (agent, kind) => {
  expect(clientKind(agent)).toBe(kind);
});

test("a client may declare its kind, and a word that is no kind counts for nothing", () => {
  expect(clientKind("", "armeria")).toBe("armeria");
  expect(["armenia", "__proto__", 7, undefined].map((word) => clientKind("gRPC Go", word))).toEqual(
    Array.from({ length: 4 }, () => "grpc-go"),
  );
});

const all: TrafficPolicy = {
  picker: "two-choices",
  timeoutMs: 5,
  retry: { on: ["unavailable"], attempts: 2, backoffMs: { base: 25, max: 250 } },
  maxRequests: 7,
};

const annotations = (kind: ClientKind, version: string, policy = all) =>
  unfollowed(kind, version, policy).map(({ annotation, instead }) => `${annotation}: ${instead}`);

test.each<[ClientKind, string, readonly string[]]>([
  ["grpc-go", "1.85.0", []],
  ["grpc-go", "1.73.1", ["evenkeel.dev/lb: two_choices: round robin, before version 1.74"]],
  [
    "grpc-java",
    "1.40.0",
    [
      "evenkeel.dev/lb: two_choices: round robin, before version 1.48",
      "evenkeel.dev/retry-on: nothing, before version 1.40.1",
    ],
  ],
  ["grpc-core", "C-core 56.0.0 Python 1.84.0", ["evenkeel.dev/lb: two_choices: round robin"]],
  ["grpc-core", "C-core 1.0.0", ["evenkeel.dev/lb: two_choices: round robin"]],
  ["grpc-node", "", ["evenkeel.dev/lb: two_choices: round robin"]],
  ["envoy", "1.40.0", []],
  ["armeria", "", ["evenkeel.dev/lb: two_choices: round robin", "evenkeel.dev/max-requests: nothing"]],
])("%s %s does not do, of what is asked", (kind, version, expected) => {
  expect(annotations(kind, version)).toEqual(expected);
});

test("what nobody asks for is not missed", () => {
  expect(annotations("tonic", "", { picker: "two-choices" })).toEqual([]);
});
