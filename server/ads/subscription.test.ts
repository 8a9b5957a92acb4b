import { expect, test } from "vitest";
import { amend, NO_SUBSCRIPTION, restate, type Subscription, type WildcardRules } from "./subscription.ts";

const ENVOY: WildcardRules = { allowed: true, legacy: true };
const GRPC: WildcardRules = { allowed: true, legacy: false };
const ROUTES: WildcardRules = { allowed: false, legacy: true };

/** Walks a subscription through lists of names, as state of the world states them. */
function walk(rules: WildcardRules) {
  let subscription: Subscription = NO_SUBSCRIPTION;
  return (...names: readonly string[]) => {
    const change = restate(subscription, names, rules);
    subscription = change.subscription;
    return change;
  };
}

test("S14 S15: an empty list means everything only until a name was sent", () => {
  const ask = walk(ENVOY);
  const wildcards = [ask(), ask("a"), ask(), ask("*"), ask("*", "a"), ask("a")];
  expect(wildcards.map(({ subscription }) => subscription.wildcard)).toEqual([true, false, false, true, true, false]);
});

test("S14: dropping * keeps the named rest", () => {
  const ask = walk(ENVOY);
  ask("*", "a");
  const { subscription, wildcard } = ask("a");
  expect([wildcard, [...subscription.names.keys()]]).toEqual(["ended", ["a"]]);
});

test("S15: an empty string names nothing, so a list of it unsubscribes from everything", () => {
  const ask = walk(ENVOY);
  ask("a");
  const { removed, subscription } = ask("");
  expect([removed, subscription.wildcard, subscription.names.size]).toEqual([["a"], false, 0]);
});

test("S36 D2: an empty first list means nothing to who is not on the list of legacy clients", () => {
  const inSotw = restate(NO_SUBSCRIPTION, [], GRPC);
  const inDelta = amend(NO_SUBSCRIPTION, { subscribe: [], unsubscribe: [] }, GRPC);
  expect([inSotw.subscription.wildcard, inDelta.subscription.wildcard]).toEqual([false, false]);
});

test("S14 S37: routes and assignments have no wildcard, neither by an empty list nor by *", () => {
  const ask = walk(ROUTES);
  const changes = [ask(), ask("*"), ask("*", "a")];
  expect(changes.map(({ subscription }) => [subscription.wildcard, subscription.names.size])).toEqual([
    [false, 0],
    [false, 0],
    [false, 1],
  ]);
});

test("S10: names are compared as a set", () => {
  const ask = walk(GRPC);
  ask("a", "b");
  const { added, removed } = ask("b", "a", "b");
  expect([added, removed]).toEqual([[], []]);
});

test("S10 S12: a list says what is added and what is removed", () => {
  const ask = walk(GRPC);
  ask("a", "b");
  const { added, removed } = ask("b", "c");
  expect([added, removed]).toEqual([["c"], ["a"]]);
});

test("a repeated list of 100,000 names changes nothing and keeps the subscription as it is", () => {
  const names = Array.from({ length: 100_000 }, (_, at) => `service-${at}.default:8080`);
  const first = restate(NO_SUBSCRIPTION, names, GRPC).subscription;
  expect(restate(first, [...names], GRPC).subscription).toBe(first);
});

test("D1 D7: delta adds and removes names one by one, and unsubscribing an unknown name does nothing", () => {
  const { subscription } = amend(NO_SUBSCRIPTION, { subscribe: ["a", "b"], unsubscribe: [] }, GRPC);
  const change = amend(subscription, { subscribe: ["c"], unsubscribe: ["a", "unknown"] }, GRPC);
  expect([change.added, change.removed, [...change.subscription.names.keys()].sort()]).toEqual([
    ["c"],
    ["a"],
    ["b", "c"],
  ]);
});

test("D2: a first delta request without names is everything, until * is unsubscribed; names stay", () => {
  const first = amend(NO_SUBSCRIPTION, { subscribe: [], unsubscribe: [] }, ENVOY).subscription;
  const named = amend(first, { subscribe: ["a"], unsubscribe: [] }, ENVOY).subscription;
  const { subscription } = amend(named, { subscribe: [], unsubscribe: ["*"] }, ENVOY);
  expect([first.wildcard, named.wildcard, subscription.wildcard, subscription.names.has("a")]).toEqual([
    true,
    true,
    false,
    true,
  ]);
});

test("a name that one delta request both subscribes and unsubscribes is subscribed", () => {
  const { subscription } = amend(NO_SUBSCRIPTION, { subscribe: ["a"], unsubscribe: ["a"] }, GRPC);
  expect(subscription.names.has("a")).toBe(true);
});
