import { describe, expect, test } from "vitest";
import { ASSIGNMENT, CLUSTER, LISTENER, ROUTE, type TypeUrl } from "../../snapshots/type-url.ts";
import { type DeltaRequest, initialDelta, stepDelta } from "./delta.ts";
import { type Contents, resource, sightOf } from "./fixtures.ts";
import type { Outgoing } from "./in-flight.ts";
import { MAX_BYTES } from "./split.ts";
import type { Names, Sight, TypeEvent } from "./step.ts";
import { DELTA } from "./variant.ts";

/** One type of one stream, walked through events. `contents` is what the server has; change it, then say `changed`. */
function conversation(typeUrl: TypeUrl, contents: Contents = {}, more: Partial<Sight> = {}) {
  let state = initialDelta;
  let count = 0;
  const at = { contents, more };
  const on = (event: TypeEvent<DeltaRequest>) => {
    const step = stepDelta(
      state,
      event,
      sightOf(typeUrl, at.contents, { ...at.more, nonce: `n${count + 1}`, now: count }),
    );
    state = step.state;
    if (step.response !== undefined) count += 1;
    return step;
  };
  const send = (request: Partial<DeltaRequest>) =>
    on({
      kind: "request",
      nonce: "",
      error: undefined,
      subscribe: [],
      unsubscribe: [],
      initialVersions: new Map(),
      ...request,
    });
  return {
    at,
    send,
    subscribe: (...names: readonly string[]) => send({ subscribe: names }),
    unsubscribe: (...names: readonly string[]) => send({ unsubscribe: names }),
    ack: (response: Outgoing | undefined, more: Partial<DeltaRequest> = {}) =>
      send({ nonce: response?.nonce ?? "", ...more }),
    nack: (response: Outgoing | undefined, more: Partial<DeltaRequest> = {}) =>
      send({ nonce: response?.nonce ?? "", error: "bad", ...more }),
    changed: (names: Names, next: Contents = at.contents) => {
      at.contents = next;
      return on({ kind: "changed", names });
    },
    warmed: (names: Names) => on({ kind: "warmed", names }),
    state: () => state,
  };
}

/** What a response adds and removes. */
const saidIn = (response: Outgoing | undefined) =>
  response && [response.resources.map(({ name }) => name), response.removed];

const version = (typeUrl: TypeUrl, name: string, content: string) => resource(typeUrl, name, content).version;

describe("a subscription", () => {
  test("D1: names count in any request: with an ACK, a NACK, and a nonce that nobody knows", () => {
    const { subscribe, ack, nack, send } = conversation(ASSIGNMENT, { a: "1", b: "1", c: "1", d: "1" });
    const first = subscribe("a").response;
    const second = ack(first, { subscribe: ["b"] }).response;
    const third = nack(second, { subscribe: ["c"] }).response;
    const fourth = send({ nonce: "unknown", subscribe: ["d"] }).response;
    expect([second, third, fourth].map(saidIn)).toEqual([
      [["b"], []],
      [["c"], []],
      [["d"], []],
    ]);
  });

  test("D2 S36: a first request without names is everything for legacy clients only", () => {
    const legacy = conversation(CLUSTER, { a: "1" }, { legacyWildcard: true }).send({}).response;
    const other = conversation(CLUSTER, { a: "1" }).send({}).response;
    expect([saidIn(legacy), other]).toEqual([[["a"], []], undefined]);
  });

  test("D2: unsubscribing * ends it and keeps the named rest", () => {
    const { subscribe, unsubscribe, ack, changed } = conversation(CLUSTER, { a: "1", b: "1" });
    ack(subscribe("*", "a").response);
    unsubscribe("*");
    expect(saidIn(changed(["a", "b"], { a: "2", b: "2" }).response)).toEqual([["a"], []]);
  });

  test("D3: after a reconnect only what differs is sent, and what is gone is removed", () => {
    const { send } = conversation(CLUSTER, { same: "1", newer: "2" });
    const initialVersions = new Map([
      ["same", version(CLUSTER, "same", "1")],
      ["newer", version(CLUSTER, "newer", "1")],
      ["gone", "v"],
    ]);
    expect(saidIn(send({ subscribe: ["*"], initialVersions }).response)).toEqual([["newer"], ["gone"]]);
  });

  test("D3: initial versions subscribe to nothing, and are ignored later", () => {
    const { send, ack } = conversation(ASSIGNMENT, { a: "1", b: "1" });
    const first = send({ subscribe: ["a"], initialVersions: new Map([["b", "old"]]) }).response;
    const later = ack(first, { subscribe: ["b"], initialVersions: new Map([["b", version(ASSIGNMENT, "b", "1")]]) });
    expect([saidIn(first), saidIn(later.response)]).toEqual([
      [["a"], []],
      [["b"], []],
    ]);
  });

  test("D5: a name that the client holds and subscribes to again is sent again", () => {
    const { subscribe, ack } = conversation(ASSIGNMENT, { a: "1" });
    ack(subscribe("a").response);
    expect(saidIn(subscribe("a").response)).toEqual([["a"], []]);
  });

  test("D6: a name that does not exist is removed at once, remembered, and sent when it appears", () => {
    const { subscribe, ack, changed } = conversation(ASSIGNMENT, {});
    const first = subscribe("a").response;
    ack(first);
    expect([saidIn(first), saidIn(changed(["a"], { a: "1" }).response)]).toEqual([
      [[], ["a"]],
      [["a"], []],
    ]);
  });

  test("D7: unsubscribing is not answered, nor is unsubscribing from what is unknown", () => {
    const { subscribe, unsubscribe, ack } = conversation(ASSIGNMENT, { a: "1" });
    ack(subscribe("a").response);
    expect([unsubscribe("a").response, unsubscribe("unknown").response]).toEqual([undefined, undefined]);
  });

  test("D7: under a wildcard, an unsubscribed name is answered with the resource, or with its absence", () => {
    const { subscribe, ack, unsubscribe, state } = conversation(CLUSTER, { a: "1" });
    ack(subscribe("*", "a", "none").response);
    const still = unsubscribe("a").response;
    ack(still);
    const none = unsubscribe("none").response;
    ack(none);
    expect([saidIn(still), saidIn(none), state().acked.has("none")]).toEqual([[["a"], []], [[], ["none"]], false]);
  });

  test("D12: absence is told once, however often the name is asked for", () => {
    const { subscribe, ack } = conversation(ASSIGNMENT, {});
    const first = subscribe("a").response;
    const again = [ack(first, { subscribe: ["a"] }), subscribe("a")].map(({ response }) => response);
    expect([saidIn(first), again]).toEqual([
      [[], ["a"]],
      [undefined, undefined],
    ]);
  });

  test("D12: absence is told again after an unsubscribe, and after the name existed meanwhile", () => {
    const { subscribe, unsubscribe, ack, changed } = conversation(ASSIGNMENT, {});
    ack(subscribe("a").response);
    unsubscribe("a");
    const anew = subscribe("a").response;
    ack(anew);
    ack(changed(["a"], { a: "1" }).response);
    expect([saidIn(anew), saidIn(changed(["a"], {}).response)]).toEqual([
      [[], ["a"]],
      [[], ["a"]],
    ]);
  });

  test("D12 D17: a name that is on its way is not sent again because it is asked for again", () => {
    const { subscribe } = conversation(ASSIGNMENT, { a: "1" });
    subscribe("a");
    expect(subscribe("a").response).toBeUndefined();
  });

  test("D16: a wildcard that finds nothing is answered with nothing, once", () => {
    const { subscribe, ack, changed } = conversation(CLUSTER, {});
    const first = subscribe("*").response;
    expect([saidIn(first), ack(first).response, changed("all").response]).toEqual([[[], []], undefined, undefined]);
  });

  test("S14: a wildcard of listeners leaves out what it does not list", () => {
    const { at, subscribe, changed } = conversation(LISTENER, { a: "1" });
    const get = () => resource(LISTENER, "api", "1");
    at.more = { view: { get, all: () => [] } };
    subscribe("*");
    expect(changed(["api"]).response).toBeUndefined();
  });
});

describe("a response", () => {
  test("D4 D13: a change of one resource sends that one alone, under its own version", () => {
    const { subscribe, ack, changed } = conversation(CLUSTER, { a: "1", b: "1" });
    ack(subscribe("*").response);
    const { response } = changed(["b"], { a: "1", b: "2" });
    expect(response?.resources).toEqual([resource(CLUSTER, "b", "2")]);
  });

  test.each<TypeUrl>([LISTENER, ROUTE, CLUSTER, ASSIGNMENT])("D8: a deletion is sent as removed (%s)", (typeUrl) => {
    const { subscribe, ack, changed } = conversation(typeUrl, { a: "1" });
    ack(subscribe("a").response);
    expect(saidIn(changed(["a"], {}).response)).toEqual([[], ["a"]]);
  });

  test("D9: a name occurs once, however often it is due", () => {
    const { subscribe } = conversation(CLUSTER, { a: "1" });
    expect(saidIn(subscribe("*", "a", "a", "b", "b").response)).toEqual([["a"], ["b"]]);
  });

  test("D10: an ACK counts also when newer responses are on their way", () => {
    const { subscribe, ack, state } = conversation(ASSIGNMENT, { a: "1", b: "1" });
    const first = subscribe("a").response;
    subscribe("b");
    const { verdict } = ack(first);
    expect([verdict, [...state().acked.keys()], [...state().sent.keys()]]).toEqual(["acked", ["a"], ["b"]]);
  });

  test("D11: a rejected version is not sent again, neither by a change nor by asking, until it is another", () => {
    const { subscribe, nack, changed } = conversation(ASSIGNMENT, { a: "1" });
    const again = [nack(subscribe("a").response), changed(["a"]), subscribe("a")].map(({ response }) => response);
    expect([again, saidIn(changed(["a"], { a: "2" }).response)]).toEqual([
      [undefined, undefined, undefined],
      [["a"], []],
    ]);
  });

  test("D11: a rejected removal is not repeated", () => {
    const { subscribe, ack, nack, changed } = conversation(ASSIGNMENT, { a: "1" });
    ack(subscribe("a").response);
    nack(changed(["a"], {}).response);
    expect(changed(["a"]).response).toBeUndefined();
  });

  test("D15 S23: what is due is dealt over responses below the limit", () => {
    const large = "x".repeat(1_000_000);
    const names = ["a", "b", "c", "d"];
    const { subscribe, changed } = conversation(CLUSTER, Object.fromEntries(names.map((name) => [name, large])));
    expect([subscribe("*", "gone"), changed([])].map(({ response }) => saidIn(response))).toEqual([
      [["a", "b", "c"], ["gone"]],
      [["d"], []],
    ]);
  });

  test("D15 B22: a resource that alone is too large is left out", () => {
    const { subscribe } = conversation(CLUSTER, { a: "1", huge: "x".repeat(MAX_BYTES) });
    const { response, oversized } = subscribe("a", "huge");
    expect([saidIn(response), oversized]).toEqual([[["a"], []], ["huge"]]);
  });

  test("D17: what is sent is known as held on ACK, and not on NACK", () => {
    const { subscribe, ack, nack, changed, state } = conversation(ASSIGNMENT, { a: "1" });
    const first = subscribe("a").response;
    const beforeAck = state().acked.get("a");
    ack(first);
    nack(changed(["a"], { a: "2" }).response);
    expect([beforeAck, state().acked.get("a"), state().refused.get("a")]).toEqual([
      undefined,
      version(ASSIGNMENT, "a", "1"),
      version(ASSIGNMENT, "a", "2"),
    ]);
  });

  test("D17: after a NACK, going back to what the client holds sends nothing", () => {
    const { subscribe, ack, nack, changed } = conversation(ASSIGNMENT, { a: "1" });
    ack(subscribe("a").response);
    nack(changed(["a"], { a: "2" }).response);
    expect(changed(["a"], { a: "1" }).response).toBeUndefined();
  });

  test("D18 D5: an ACK after an unsubscribe brings nothing back", () => {
    const { subscribe, unsubscribe, ack, state } = conversation(ASSIGNMENT, { a: "1" });
    const first = subscribe("a").response;
    unsubscribe("a");
    ack(first);
    expect([state().acked.size, saidIn(subscribe("a").response)]).toEqual([0, [["a"], []]]);
  });

  test("D19: after an unsubscribe no later update is sent", () => {
    const { subscribe, unsubscribe, ack, changed } = conversation(ASSIGNMENT, { a: "1" });
    ack(subscribe("a").response);
    unsubscribe("a");
    expect(changed(["a"], { a: "2" }).response).toBeUndefined();
  });

  test("D20: a change of some names says nothing about the others", () => {
    const { subscribe, ack, changed } = conversation(CLUSTER, { a: "1", b: "1" });
    ack(subscribe("*").response);
    expect(saidIn(changed(["a"], { a: "2", b: "1" }).response)).toEqual([["a"], []]);
  });

  test("D21: removals are in order of name, so that nothing can hang on another order", () => {
    const { subscribe, ack, changed } = conversation(CLUSTER, { b: "1", a: "1", c: "1" });
    ack(subscribe("*").response);
    expect(saidIn(changed(["c", "a", "b"], {}).response)).toEqual([[], ["a", "b", "c"]]);
  });
});

describe("a push", () => {
  test("S25: it waits for the ACK of the last one, and then the newest state is sent, once", () => {
    const { subscribe, ack, changed } = conversation(ASSIGNMENT, { a: "1" });
    const first = subscribe("a").response;
    const early = [changed(["a"], { a: "2" }), changed(["a"], { a: "3" })].map(({ response }) => response);
    expect([early, ack(first).response?.resources]).toEqual([[undefined, undefined], [resource(ASSIGNMENT, "a", "3")]]);
  });

  test("S25: answers to added names do not wait for an ACK", () => {
    const { subscribe } = conversation(ASSIGNMENT, { a: "1", b: "1" });
    subscribe("a");
    expect(saidIn(subscribe("b").response)).toEqual([["b"], []]);
  });

  test("S39: a correction made while the NACK was on its way is sent at once", () => {
    const { subscribe, nack, changed } = conversation(ASSIGNMENT, { a: "1" });
    const bad = subscribe("a").response;
    changed(["a"], { a: "2" });
    expect(saidIn(nack(bad).response)).toEqual([["a"], []]);
  });

  test("B5: what depends on something renewed is sent again although it did not change", () => {
    const { subscribe, ack, warmed } = conversation(ASSIGNMENT, { a: "1", b: "1" });
    ack(subscribe("a", "b").response);
    expect(saidIn(warmed(["a", "not asked for"]).response)).toEqual([["a"], []]);
  });

  test("B1: what is gone is removed only when it may go, and what came is sent at once", () => {
    const { subscribe, ack, changed, at } = conversation(CLUSTER, { a: "1", b: "1" }, { holdRemovals: true });
    ack(subscribe("*").response);
    const made = changed(["a", "c"], { b: "1", c: "1" }).response;
    at.more = {};
    expect([saidIn(made), saidIn(ack(made).response)]).toEqual([
      [["c"], []],
      [[], ["a"]],
    ]);
  });

  test("B1 B16: what is gone and comes back before its removal is no removal", () => {
    const { subscribe, ack, changed, at } = conversation(CLUSTER, { a: "1" }, { holdRemovals: true });
    ack(subscribe("*").response);
    changed(["a"], {});
    changed(["a"], { a: "1" });
    at.more = {};
    expect(changed([]).response).toBeUndefined();
  });

  test("E4: while nothing can be written, what is due is remembered", () => {
    const { subscribe, changed, at } = conversation(CLUSTER, {}, { writable: false });
    const blocked = subscribe("*").response;
    at.more = {};
    expect([blocked, saidIn(changed([]).response)]).toEqual([undefined, [[], []]]);
  });

  test("a client that never answers is remembered only so far", () => {
    const { subscribe, unsubscribe, state } = conversation(CLUSTER, { a: "1" });
    subscribe("*");
    for (let at = 0; at < 1000; at += 1) {
      subscribe(`name-${at}`);
      unsubscribe(`name-${at}`);
    }
    expect([state().inFlight.unanswered.length, state().sent.size <= 256, state().acked.size]).toEqual([256, true, 0]);
  });
});

describe("what is remembered", () => {
  test("D11: a refusal under a wildcard is forgotten once the resource is gone", () => {
    const { subscribe, nack, changed, state } = conversation(CLUSTER, { a: "1" });
    nack(subscribe("*").response);
    const before = [...state().refused.keys()];
    const { response } = changed(["a"], {});
    expect([before, response, state().refused.size]).toEqual([["a"], undefined, 0]);
  });

  test("D11: a refusal is forgotten, too, when the wildcard ends or everything is looked at", () => {
    const ended = conversation(CLUSTER, { a: "1" });
    ended.nack(ended.subscribe("*").response);
    ended.unsubscribe("*");
    const looked = conversation(CLUSTER, { a: "1" });
    looked.nack(looked.subscribe("*").response);
    looked.changed("all", {});
    expect([ended.state().refused.size, looked.state().refused.size]).toEqual([0, 0]);
  });

  test("D11: the refusal of a resource that stays, or of which the client has an earlier version, is kept", () => {
    const { subscribe, ack, nack, changed, state } = conversation(CLUSTER, { a: "1", b: "1" });
    ack(subscribe("*").response);
    nack(changed(["a", "b"], { a: "2", b: "2" }).response);
    const { response } = changed(["a"], { b: "2" });
    expect([saidIn(response), [...state().refused.keys()].sort()]).toEqual([
      [[], ["a"]],
      ["a", "b"],
    ]);
  });

  test("D11: the refusal of a removal is kept while the client holds the resource, and is not told again", () => {
    const { subscribe, ack, nack, changed } = conversation(CLUSTER, { a: "1" });
    ack(subscribe("*").response);
    nack(changed(["a"], {}).response);
    expect([changed(["a"]).response, changed(["a"]).response]).toEqual([undefined, undefined]);
  });

  test("D3: a client that comes back with what is served is in step with it, without an ACK", () => {
    const { send } = conversation(ASSIGNMENT, { a: "1" });
    const initialVersions = new Map([["a", version(ASSIGNMENT, "a", "1")]]);
    const { response, state } = send({ subscribe: ["a"], initialVersions });
    const { sent, acked } = DELTA.versions(state);
    expect([response, sent !== undefined, sent === acked]).toEqual([undefined, true, true]);
  });
});
