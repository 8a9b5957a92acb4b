import { describe, expect, test } from "vitest";
import { AnnotationReader } from "./annotations.ts";
import { service } from "./fixtures.ts";
import { trafficPolicy } from "./traffic-policy.ts";

const prefixed = (annotations: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(annotations).map(([key, text]) => [`evenkeel.dev/${key}`, text]));

function read(own: Readonly<Record<string, string>>, inherited: Readonly<Record<string, string>> = {}) {
  const reader = new AnnotationReader(service({ annotations: prefixed(own) }), prefixed(inherited));
  const policy = trafficPolicy(reader);
  return { policy, problems: reader.problems.map(({ message }) => message) };
}

const DEFAULT = { picker: "two-choices" };

const outliers = {
  failurePercent: 85,
  minRequests: 50,
  minEndpoints: 5,
  intervalMs: 10_000,
  ejectionMs: 30_000,
  maxEjectedPercent: 10,
};
const backoffMs = { base: 25, max: 250 };

describe("a Service may ask for", () => {
  test.each([
    ["nothing", {}, DEFAULT],
    ["round robin", { lb: "round-robin" }, { picker: "round-robin" }],
    ["a ring hash", { "hash-header": "X-User" }, { picker: "ring-hash", hashHeader: "x-user" }],
    ["a timeout in milliseconds", { timeout: "250ms" }, { ...DEFAULT, timeoutMs: 250 }],
    ["a timeout in minutes", { timeout: "2m" }, { ...DEFAULT, timeoutMs: 120_000 }],
    ["a limit", { "max-requests": "4294967295" }, { ...DEFAULT, maxRequests: 4_294_967_295 }],
    ["a warm-up", { "warm-up": "60s" }, { ...DEFAULT, warmUpMs: 60_000 }],
    ["retries", { "retry-on": "internal" }, { ...DEFAULT, retry: { on: ["internal"], attempts: 2, backoffMs } }],
    [
      "retries as it likes, its codes in any spelling and order",
      { "retry-on": "UNAVAILABLE, deadline_exceeded,unavailable", "retry-attempts": "5", "retry-backoff": "1s .. 1s" },
      {
        ...DEFAULT,
        retry: { on: ["deadline-exceeded", "unavailable"], attempts: 5, backoffMs: { base: 1000, max: 1000 } },
      },
    ],
    ["outlier detection", { "outlier-detection": "default" }, { ...DEFAULT, outliers }],
    [
      "outlier detection as it likes",
      { "outlier-detection": "failures=50, interval=5s" },
      { ...DEFAULT, outliers: { ...outliers, failurePercent: 50, intervalMs: 5000 } },
    ],
  ])("%s", (_, own, policy) => {
    expect(read(own)).toEqual({ policy, problems: [] });
  });
});

describe("what cannot be read has its default, and one problem that says what may be written", () => {
  test.each([
    ["timeout", "5"],
    ["timeout", "0s"],
    ["timeout", "-5s"],
    ["timeout", "25h"],
    ["timeout", "1.5s"],
    ["timeout", "9999999999h"],
    ["warm-up", "999ms"],
    ["warm-up", "61m"],
    ["warm-up", "yes"],
    ["retry-on", ""],
    ["retry-on", "unavailable,aborted"],
    ["max-requests", "0"],
    ["max-requests", "4294967296"],
    ["max-requests", "NaN"],
    ["max-requests", "1e3"],
    ["hash-header", ""],
    ["hash-header", "x user"],
    ["hash-header", ":path"],
    ["hash-header", "trace-bin"],
    ["outlier-detection", "true"],
    ["outlier-detection", "failures=0%"],
    ["outlier-detection", "failures=101%"],
    ["outlier-detection", "failures=50%=60%"],
    ["outlier-detection", "failures=50%,failures=60%"],
    ["outlier-detection", "failures=50%,"],
    ["outlier-detection", "__proto__=1"],
  ])("evenkeel.dev/%s %j", (key, text) => {
    const { policy, problems } = read({ [key]: text });
    expect(policy).toEqual(DEFAULT);
    expect(problems).toEqual([
      expect.stringMatching(new RegExp(`^evenkeel.dev/${key} is .* and is ignored; it may be `)),
    ]);
  });
  test.each([
    ["retry-attempts", "1"],
    ["retry-attempts", "6"],
    ["retry-backoff", "1s..25ms"],
    ["retry-backoff", "25ms"],
    ["retry-backoff", "0ms..1s"],
    ["retry-backoff", "1ms..2ms..3ms"],
  ])("evenkeel.dev/%s %j, while the retries stay", (key, text) => {
    const { policy, problems } = read({ "retry-on": "internal", [key]: text });
    expect(policy.retry).toEqual({ on: ["internal"], attempts: 2, backoffMs });
    expect(problems).toHaveLength(1);
  });
});

describe("a Namespace", () => {
  test("gives defaults, one by one", () => {
    const { policy } = read({ timeout: "1s" }, { timeout: "5s", "max-requests": "7", "retry-on": "internal" });
    expect(policy).toMatchObject({ timeoutMs: 1000, maxRequests: 7, retry: { on: ["internal"] } });
  });
  test("may be told none by a Service", () => {
    const all = {
      timeout: "5s",
      "max-requests": "7",
      "retry-on": "internal",
      "outlier-detection": "default",
      "warm-up": "60s",
    };
    const none = Object.fromEntries(Object.keys(all).map((key) => [key, "none"]));
    expect(read(none, all)).toEqual({ policy: DEFAULT, problems: [] });
  });
  test("tells attempts for whoever retries, without a word to whoever does not", () => {
    expect(read({}, { "retry-attempts": "3" })).toEqual({ policy: DEFAULT, problems: [] });
    expect(read({ "retry-on": "internal" }, { "retry-attempts": "3" }).policy.retry?.attempts).toBe(3);
  });
  test("has no say about a hash header", () => {
    expect(read({}, { "hash-header": "x-user" }).policy).toEqual(DEFAULT);
  });
});

test("what has no effect beside, or without, something else is a problem", () => {
  const own = { lb: "round_robin", "hash-header": "x-user", "retry-attempts": "3", "warm-up": "5s" };
  const { policy, problems } = read(own);
  expect(policy).toEqual({ picker: "ring-hash", hashHeader: "x-user" });
  expect(problems).toEqual([
    "evenkeel.dev/lb has no effect where evenkeel.dev/hash-header is",
    "evenkeel.dev/warm-up has no effect where evenkeel.dev/hash-header is",
    "evenkeel.dev/retry-attempts has no effect without evenkeel.dev/retry-on",
  ]);
});
