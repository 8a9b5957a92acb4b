import { expect, test } from "vitest";
import { ASSIGNMENT, CLUSTER, LISTENER, ROUTE, SEND_ORDER, shortName, type TypeUrl } from "../../snapshots/type-url.ts";
import { Exchange, type ExchangeRules, type Outlet } from "./exchange.ts";
import { type Contents, sightOf } from "./fixtures.ts";
import type { Outgoing } from "./in-flight.ts";
import type { SotwRequest, SotwState } from "./sotw.ts";
import { SOTW } from "./variant.ts";

interface Sent {
  readonly typeUrl: TypeUrl;
  readonly response: Outgoing;
}

/** A stream of state of the world without a call: what it sends is written down. */
function stream(contents: Contents, rules: Partial<ExchangeRules> = {}) {
  const at = { contents, now: 0, writable: true };
  const sent: Sent[] = [];
  const newest = new Map<TypeUrl, Outgoing>();
  let count = 0;
  const outlet: Outlet<SotwState> = {
    get isWritable() {
      return at.writable;
    },
    now: () => at.now,
    sight: (typeUrl, holdRemovals) =>
      sightOf(typeUrl, at.contents, { nonce: `n${count + 1}`, now: at.now, holdRemovals, writable: at.writable }),
    deliver: (typeUrl, { response }) => {
      if (response === undefined) return;
      count += 1;
      newest.set(typeUrl, response);
      sent.push({ typeUrl, response });
    },
  };
  const exchange = new Exchange<SotwRequest, SotwState>(SOTW, outlet, { warms: false, removalWaitMs: 1000, ...rules });
  const ask = (typeUrl: TypeUrl, names: readonly string[], { version = "", nonce = "" } = {}) =>
    exchange.request(typeUrl, { names, version, nonce, error: undefined });
  /** Acknowledges the newest response of a type. */
  const ack = (typeUrl: TypeUrl, names: readonly string[]): void => ask(typeUrl, names, newest.get(typeUrl));
  return {
    at,
    exchange,
    ask,
    ack,
    /** Everything is asked for and acknowledged. */
    settle: (names: readonly string[]): void => {
      for (const typeUrl of SEND_ORDER) {
        ask(typeUrl, names);
        ack(typeUrl, names);
      }
      sent.length = 0;
    },
    publish: (next: Contents, names: readonly string[]): void => {
      at.contents = next;
      for (const typeUrl of SEND_ORDER.toReversed()) exchange.changed(typeUrl, names);
      exchange.flush();
    },
    /** What was sent since this was last asked: type and names. */
    take: () =>
      sent.splice(0).map(({ typeUrl, response }) => {
        const names = response.resources.map(({ name }) => name);
        return `${shortName(typeUrl)}: ${names.join(" ")}`;
      }),
  };
}

test("B1: when all types change, clusters are sent first, then assignments, listeners and routes", () => {
  const { settle, publish, take } = stream({ a: "1" });
  settle(["a"]);
  publish({ a: "2" }, ["a"]);
  expect(take()).toEqual(["cluster: a", "assignment: a", "listener: a", "route: a"]);
});

test("B1 B2 B18: what is gone is removed in later pushes: a listener first, its cluster after the listener's ACK", () => {
  const { settle, publish, ack, take } = stream({ a: "1", b: "1" });
  settle(["a", "b"]);
  publish({ b: "1" }, ["a"]);
  const first = take();
  ack(LISTENER, ["a", "b"]);
  expect([first, take()]).toEqual([["listener: b"], ["cluster: b"]]);
});

test("B1: what comes and what goes in one change are two pushes, the removal last", () => {
  const { settle, publish, ack, take } = stream({ a: "1" });
  settle(["a", "b"]);
  publish({ b: "1" }, ["a", "b"]);
  const made = take();
  for (const typeUrl of SEND_ORDER) ack(typeUrl, ["a", "b"]);
  ack(LISTENER, ["a", "b"]);
  ack(CLUSTER, ["a", "b"]);
  expect([made, take()]).toEqual([
    ["cluster: a b", "assignment: b", "listener: a b", "route: b"],
    ["listener: b", "cluster: b"],
  ]);
});

test("B2: a removal does not wait for a client that never answers longer than the grace time", () => {
  const { at, exchange, settle, publish, ask, take } = stream({ a: "1", b: "1" });
  settle(["a"]);
  ask(ROUTE, ["a", "b"]); // answered, and never acknowledged
  publish({ b: "1" }, ["a"]);
  take();
  at.now = 999;
  exchange.flush();
  const early = take();
  at.now = 1000;
  exchange.flush();
  expect([early, take(), exchange.hasRemovals]).toEqual([[], ["listener: ", "cluster: "], false]);
});

test("S24: a missing ACK of one type delays no other", () => {
  const { ask, publish, take, ack } = stream({ a: "1" });
  ask(CLUSTER, ["a"]);
  ask(ASSIGNMENT, ["a"]);
  ack(ASSIGNMENT, ["a"]);
  take();
  publish({ a: "2" }, ["a"]);
  expect(take()).toEqual(["assignment: a"]);
});

test("B5: for Envoy, a renewed cluster brings its assignment again, and a renewed listener the routes", () => {
  const { settle, take, at, exchange } = stream({ a: "1", b: "1" }, { warms: true });
  settle(["a", "b"]);
  at.contents = { a: "2", b: "1" };
  exchange.changed(CLUSTER, ["a"]);
  exchange.flush();
  const byCluster = take();
  at.contents = { a: "2", b: "3" };
  exchange.changed(LISTENER, ["b"]);
  exchange.flush();
  expect([byCluster, take()]).toEqual([
    ["cluster: a b", "assignment: a"],
    ["listener: a b", "route: a b"],
  ]);
});

test("B5: a client that does not warm gets nothing twice", () => {
  const { settle, take, at, exchange } = stream({ a: "1" });
  settle(["a"]);
  at.contents = { a: "2" };
  exchange.changed(CLUSTER, ["a"]);
  exchange.flush();
  expect(take()).toEqual(["cluster: a"]);
});

test("E1 E4: while nothing can be written, the newest state waits, and one flush sends all of it", () => {
  const { settle, publish, take, at, exchange } = stream({ a: "1" });
  settle(["a"]);
  at.writable = false;
  publish({ a: "2" }, ["a"]);
  publish({ a: "3" }, ["a"]);
  const blocked = take();
  at.writable = true;
  exchange.flush();
  expect([blocked, take()]).toEqual([[], ["cluster: a", "assignment: a", "listener: a", "route: a"]]);
});

test("E17: a change that leaves the content as it is sends nothing", () => {
  const { settle, publish, take } = stream({ a: "1" });
  settle(["a"]);
  publish({ a: "1" }, ["a"]);
  expect(take()).toEqual([]);
});

test("S23: what does not fit into one response follows in the next without another event", () => {
  const large = "x".repeat(2_000_000);
  const { ask, take } = stream({ a: large, b: large });
  ask(ASSIGNMENT, ["a", "b"]);
  expect(take()).toEqual(["assignment: a", "assignment: b"]);
});
