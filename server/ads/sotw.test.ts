import { describe, expect, test } from "vitest";
import { ASSIGNMENT, CLUSTER, LISTENER, ROUTE, type TypeUrl } from "../../snapshots/type-url.ts";
import { type Contents, resource, sightOf } from "./fixtures.ts";
import type { Outgoing } from "./in-flight.ts";
import { initialSotw, type SotwRequest, stepSotw } from "./sotw.ts";
import { MAX_BYTES } from "./split.ts";
import type { Names, Sight, TypeEvent } from "./step.ts";
import { SOTW } from "./variant.ts";

/** One type of one stream, walked through events. `contents` is what the server has; change it, then say `changed`. */
function conversation(typeUrl: TypeUrl, contents: Contents = {}, more: Partial<Sight> = {}) {
  let state = initialSotw;
  let count = 0;
  const at = { contents, more };
  const on = (event: TypeEvent<SotwRequest>) => {
    const step = stepSotw(
      state,
      event,
      sightOf(typeUrl, at.contents, { ...at.more, nonce: `n${count + 1}`, now: count }),
    );
    state = step.state;
    if (step.response !== undefined) count += 1;
    return step;
  };
  const ask = (names: readonly string[], { version = "", nonce = "", error }: Partial<SotwRequest> = {}) =>
    on({ kind: "request", names, version, nonce, error });
  return {
    at,
    ask,
    ack: (response: Outgoing | undefined, names: readonly string[]) => ask(names, response),
    nack: (response: Outgoing | undefined, names: readonly string[], version = "") =>
      ask(names, { nonce: response?.nonce ?? "", version, error: "bad" }),
    changed: (names: Names, next: Contents = at.contents) => {
      at.contents = next;
      return on({ kind: "changed", names });
    },
    warmed: (names: Names) => on({ kind: "warmed", names }),
    state: () => state,
  };
}

const namesIn = (response: Outgoing | undefined) => response?.resources.map(({ name }) => name);

describe("a request", () => {
  test("S2 S27: the first of a type is answered in full, whatever version and nonce it carries over", () => {
    const { ask } = conversation(ASSIGNMENT, { a: "1", b: "1" });
    const { response } = ask(["a", "b"], { version: "of an earlier stream", nonce: "of an earlier stream" });
    expect(namesIn(response)).toEqual(["a", "b"]);
  });

  test("S2: while nothing was sent on this stream, a nonce carried over does not make a request stale", () => {
    const { ask, at } = conversation(ASSIGNMENT, {});
    ask(["a"], { nonce: "old" });
    at.contents = { b: "1" };
    expect(namesIn(ask(["b"], { nonce: "old" }).response)).toEqual(["b"]);
  });

  test("S4 S13: a plain ACK is recorded and never answered", () => {
    const { ask, ack, state } = conversation(ASSIGNMENT, { a: "1" });
    const first = ask(["a"]).response;
    const { verdict, response } = ack(first, ["a"]);
    expect([verdict, response, state().inFlight.acked?.version]).toEqual(["acked", undefined, first?.version]);
  });

  test("S4: a request with the newest nonce and another version is no ACK", () => {
    const { ask } = conversation(ASSIGNMENT, { a: "1" });
    ask(["a"]);
    expect(ask(["a"], { nonce: "n1", version: "other" }).verdict).toBe("none");
  });

  test("S5 S6 S32: error_detail is a NACK, kept in full, and nothing is sent until the content changes", () => {
    const { ask, nack, changed, state } = conversation(ASSIGNMENT, { a: "1" });
    const first = ask(["a"]).response;
    const { verdict, response } = nack(first, ["a"]);
    const again = changed(["a"]).response;
    const corrected = changed(["a"], { a: "2" }).response;
    expect([verdict, response, again, namesIn(corrected)]).toEqual(["refused", undefined, undefined, ["a"]]);
    expect(state().inFlight.refused).toMatchObject({ message: "bad", version: first?.version });
  });

  test("S6: an empty text is a NACK, too", () => {
    const { ask } = conversation(ASSIGNMENT, { a: "1" });
    ask(["a"]);
    expect(ask(["a"], { nonce: "n1", error: "" }).verdict).toBe("refused");
  });

  test("S7 S10: a stale nonce is not answered and its names are not applied", () => {
    const { ask, state } = conversation(ASSIGNMENT, { a: "1", b: "1", c: "1" });
    ask(["a"]);
    ask(["a", "b"]);
    const { verdict, response } = ask(["c"], { nonce: "n1" });
    expect([verdict, response, state().subscription.names.has("c")]).toEqual(["stale", undefined, false]);
  });

  test("S7: the NACK of an earlier response is recorded although it is stale", () => {
    const { ask, nack, state } = conversation(ASSIGNMENT, { a: "1", b: "1" });
    const first = ask(["a"]).response;
    ask(["a", "b"]);
    const { verdict } = nack(first, ["a"]);
    expect([verdict, state().inFlight.refused?.version]).toEqual(["stale", first?.version]);
  });

  test("S7: after a stale request, later updates still flow", () => {
    const { ask, ack, changed } = conversation(ASSIGNMENT, { a: "1", b: "1" });
    ask(["a"]);
    const second = ask(["a", "b"]).response;
    ask(["a", "b"], { nonce: "n1" });
    ack(second, ["a", "b"]);
    expect(namesIn(changed(["b"], { a: "1", b: "2" }).response)).toEqual(["b"]);
  });

  test("S8: a subscription change that carries a rejected nonce and the old version is no ACK of it", () => {
    const { ask, ack, nack, changed, at } = conversation(ASSIGNMENT, { a: "1" });
    const good = ask(["a"]).response;
    ack(good, ["a"]);
    const bad = changed(["a"], { a: "2" }).response;
    nack(bad, ["a"], good?.version);
    at.contents = { a: "2", b: "1" };
    const { verdict, response } = ask(["a", "b"], { nonce: bad?.nonce ?? "", version: good?.version ?? "" });
    expect([verdict, namesIn(response)]).toEqual(["none", ["b"]]);
  });

  test("S4 S8: not even the rejected version turns a rejected nonce into an ACK", () => {
    const { ask, nack, ack } = conversation(ASSIGNMENT, { a: "1" });
    const bad = ask(["a"]).response;
    nack(bad, ["a"]);
    expect(ack(bad, ["a"]).verdict).toBe("none");
  });

  test("S9: a NACK repeated with changed names is answered and not counted again", () => {
    const { ask, nack } = conversation(ASSIGNMENT, { a: "1", b: "1" });
    const bad = ask(["a"]).response;
    nack(bad, ["a"]);
    const { verdict, response } = nack(bad, ["a", "b"]);
    expect([verdict, namesIn(response)]).toEqual(["none", ["b"]]);
  });

  test("S10: names of bare requests count while a response is in flight", () => {
    const { ask } = conversation(ASSIGNMENT, { e: "1", f: "1" });
    ask(["e"]);
    expect(namesIn(ask(["e", "f"]).response)).toEqual(["f"]);
  });

  test("S38: a subscription change followed by a NACK of its answer is read as just that", () => {
    const { ask, ack, nack, state, at } = conversation(ASSIGNMENT, { A: "1" });
    const one = ask(["A"]).response;
    ack(one, ["A"]);
    at.contents = { A: "1", B: "1" };
    const two = ask(["A", "B"], one).response;
    const { verdict, response } = nack(two, ["A", "B"], one?.version);
    expect([namesIn(two), verdict, response]).toEqual([["B"], "refused", undefined]);
    expect(state().inFlight.refused?.version).toBe(two?.version);
  });

  test("S35: an unknown version is neither adopted nor a reason to send", () => {
    const { ask, ack, changed } = conversation(ASSIGNMENT, { a: "1" });
    const first = ask(["a"], { version: "zzz" }).response;
    ack(first, ["a"]);
    expect(changed(["a"]).response).toBeUndefined();
  });
});

describe("names", () => {
  test("S11: an added name is sent even if it was sent before an unsubscribe and did not change", () => {
    const { ask, ack } = conversation(ASSIGNMENT, { a: "1", b: "1" });
    const first = ask(["a", "b"]).response;
    ack(first, ["a"]);
    expect(namesIn(ack(first, ["a", "b"]).response)).toEqual(["b"]);
  });

  test("S11 S16: an added listener brings the full subscribed set", () => {
    const { ask, ack } = conversation(LISTENER, { a: "1", b: "1" });
    const first = ask(["a"]).response;
    expect(namesIn(ack(first, ["a", "b"]).response)).toEqual(["a", "b"]);
  });

  test("S11 S25: answers to added names do not wait for an ACK", () => {
    const { ask } = conversation(CLUSTER, { a: "1", b: "1" });
    ask(["a"]);
    expect(namesIn(ask(["a", "b"]).response)).toEqual(["a", "b"]);
  });

  test.each<TypeUrl>([LISTENER, ASSIGNMENT])(
    "S12: names that are only removed bring no response and no later update (%s)",
    (typeUrl) => {
      const { ask, ack, changed } = conversation(typeUrl, { a: "1", b: "1" });
      const first = ask(["a", "b"]).response;
      const { response } = ack(first, ["a"]);
      expect([response, changed(["b"], { a: "1", b: "2" }).response]).toEqual([undefined, undefined]);
    },
  );

  test.each<TypeUrl>([LISTENER, ASSIGNMENT])("S13: a name that does not exist causes no ping-pong (%s)", (typeUrl) => {
    const { ask, ack, changed } = conversation(typeUrl, {});
    const first = ask(["gone"]).response;
    const again = ack(first, ["gone"]).response ?? changed(["gone"]).response;
    expect(again).toBeUndefined();
  });

  test("S15 S33: after an empty list nothing is sent any more", () => {
    const { ask, ack, changed } = conversation(CLUSTER, { a: "1" });
    const first = ask(["a"]).response;
    ack(first, []);
    expect(changed(["a"], { a: "2" }).response).toBeUndefined();
  });

  test("S19: a name that appears later is sent: routes and assignments alone, listeners and clusters with the set", () => {
    const sent = ([ROUTE, CLUSTER] as const).map((typeUrl) => {
      const { ask, ack, changed } = conversation(typeUrl, { a: "1" });
      const first = ask(["a", "later"]).response;
      ack(first, ["a", "later"]);
      return namesIn(changed(["later"], { a: "1", later: "1" }).response);
    });
    expect(sent).toEqual([["later"], ["a", "later"]]);
  });

  test("S22: nothing is sent that was not named", () => {
    const { ask, ack, changed } = conversation(CLUSTER, { a: "1", other: "1" });
    const first = ask(["a"]).response;
    ack(first, ["a"]);
    expect([namesIn(first), changed(["other"], { a: "1", other: "2" }).response]).toEqual([["a"], undefined]);
  });

  test("S40: what exists of the named ones is sent, however many are missing", () => {
    const { ask } = conversation(CLUSTER, { a: "1", unnamed: "1" });
    expect(namesIn(ask(["a", "b", "c"]).response)).toEqual(["a"]);
  });
});

describe("a wildcard", () => {
  test("S14: it is everything, and named ones besides", () => {
    const { ask } = conversation(CLUSTER, { a: "1", b: "1" });
    expect(namesIn(ask(["*", "b", "c"]).response)).toEqual(["a", "b"]);
  });

  test("S36: an empty first list is everything for a legacy client, and nothing for others", () => {
    const legacy = conversation(CLUSTER, { a: "1" }, { legacyWildcard: true }).ask([]).response;
    const other = conversation(CLUSTER, { a: "1" }).ask([]).response;
    expect([namesIn(legacy), other]).toEqual([["a"], undefined]);
  });

  test("S37: an empty list of routes or assignments is answered with nothing", () => {
    const { ask } = conversation(ASSIGNMENT, { a: "1" }, { legacyWildcard: true });
    expect(ask([]).response).toBeUndefined();
  });

  test("S27: a reconnect with an equal version is skipped for a pure wildcard, and for nothing else", () => {
    const version = conversation(CLUSTER, { a: "1" }).ask(["*"]).response?.version ?? "";
    const reconnect = (names: readonly string[], typeUrl: TypeUrl = CLUSTER) =>
      conversation(typeUrl, { a: "1" }).ask(names, { version }).response;
    expect([reconnect(["*"]), namesIn(reconnect(["*", "a"])), namesIn(reconnect(["a"]))]).toEqual([
      undefined,
      ["a"],
      ["a"],
    ]);
  });

  test("S27: a client whose answer was skipped is in step with the server, without an ACK", () => {
    const version = conversation(CLUSTER, { a: "1" }).ask(["*"]).response?.version ?? "";
    const { state } = conversation(CLUSTER, { a: "1" }).ask(["*"], { version });
    expect(SOTW.versions(state)).toEqual({ sent: version, acked: version });
  });

  test("S27: after a skipped answer, later changes are sent", () => {
    const version = conversation(CLUSTER, { a: "1" }).ask(["*"]).response?.version ?? "";
    const { ask, changed } = conversation(CLUSTER, { a: "1" });
    ask(["*"], { version });
    expect(namesIn(changed(["a"], { a: "2" }).response)).toEqual(["a"]);
  });

  test("S14: dropping * is no reason to answer, and updates of unnamed ones end", () => {
    const { ask, ack, changed } = conversation(CLUSTER, { a: "1", b: "1" });
    const first = ask(["*", "a"]).response;
    const dropped = ack(first, ["a"]).response;
    expect([dropped, changed(["b"], { a: "1", b: "2" }).response]).toEqual([undefined, undefined]);
  });
});

describe("a response", () => {
  test("S3 S24: nonces are what the stream gives, one for each response", () => {
    const { ask } = conversation(ASSIGNMENT, { a: "1", b: "1" });
    const nonces = [ask(["a"]), ask(["a", "b"])].map(({ response }) => response?.nonce);
    expect(nonces).toEqual(["n1", "n2"]);
  });

  test("S16: what a listener response lacks is what is gone", () => {
    const { ask, ack, changed } = conversation(LISTENER, { a: "1", b: "1" });
    const first = ask(["a", "b"]).response;
    ack(first, ["a", "b"]);
    expect(namesIn(changed(["b"], { a: "1" }).response)).toEqual(["a"]);
  });

  test("S17: a change of one assignment sends that one alone", () => {
    const { ask, ack, changed } = conversation(ASSIGNMENT, { a: "1", b: "1" });
    const first = ask(["a", "b"]).response;
    ack(first, ["a", "b"]);
    expect(namesIn(changed(["b"], { a: "1", b: "2" }).response)).toEqual(["b"]);
  });

  test("S18: routes and assignments are never answered with an empty response", () => {
    const { ask, ack, changed } = conversation(ROUTE, { a: "1" });
    const missing = ask(["missing"]).response;
    const first = ask(["missing", "a"]).response;
    ack(first, ["missing", "a"]);
    expect([missing, changed(["a"], {}).response]).toEqual([undefined, undefined]);
  });

  test("S20: listeners and clusters are answered at once, if need be with nothing, and absence is deletion", () => {
    const { ask, ack, changed } = conversation(CLUSTER, { a: "1" });
    const empty = conversation(CLUSTER).ask(["*"]).response;
    const first = ask(["a"]).response;
    ack(first, ["a"]);
    expect([namesIn(empty), namesIn(changed(["a"], {}).response)]).toEqual([[], []]);
  });

  test("S21: a name asked for twice, by itself and by *, is in a response once", () => {
    const clusters = conversation(CLUSTER, { a: "1" }).ask(["*", "a", "a"]).response;
    const assignments = conversation(ASSIGNMENT, { a: "1" }).ask(["a", "a"]).response;
    expect([namesIn(clusters), namesIn(assignments)]).toEqual([["a"], ["a"]]);
  });

  test("S26: the version is the same for the same set, whatever the way to it and the stream", () => {
    const { ask } = conversation(ASSIGNMENT, { a: "1", b: "1" });
    ask(["a"]);
    const byTwoSteps = ask(["a", "b"]).response?.version;
    const atOnce = conversation(ASSIGNMENT, { b: "1", a: "1" }).ask(["b", "a"]).response?.version;
    expect(byTwoSteps).toBe(atOnce);
  });

  test("S26: the version changes when the content changes, and when the set grows", () => {
    const versions = [{ a: "1" }, { a: "2" }, { a: "1", b: "1" }].map(
      (contents) => conversation(ASSIGNMENT, contents).ask(["a", "b"]).response?.version,
    );
    expect(new Set(versions).size).toBe(3);
  });

  test("S26 B14: what is gone leaves the version as if it had never been", () => {
    const { ask, changed, ack } = conversation(ASSIGNMENT, { a: "1", b: "1" });
    const first = ask(["a", "b"]).response;
    ack(first, ["a", "b"]);
    changed(["b"], { a: "1" });
    const later = changed(["a"], { a: "2" }).response?.version;
    expect(later).toBe(conversation(ASSIGNMENT, { a: "2" }).ask(["a", "b"]).response?.version);
  });

  test("S41: resources are sent as they are, not wrapped", () => {
    const { ask } = conversation(CLUSTER, { a: "1" });
    expect(ask(["a"]).response?.resources).toEqual([resource(CLUSTER, "a", "1")]);
  });
});

describe("a push", () => {
  test("S25: it waits for the ACK of the last one, and then the newest state is sent, once", () => {
    const { ask, ack, changed } = conversation(ASSIGNMENT, { a: "1" });
    const first = ask(["a"]).response;
    const early = [changed(["a"], { a: "2" }), changed(["a"], { a: "3" })].map(({ response }) => response);
    const { response } = ack(first, ["a"]);
    expect([early, response?.resources.map(({ version }) => version)]).toEqual([
      [undefined, undefined],
      [resource(ASSIGNMENT, "a", "3").version],
    ]);
  });

  test("S39: a correction made while the NACK was on its way is sent at once", () => {
    const { ask, nack, changed } = conversation(CLUSTER, { a: "1" });
    const bad = ask(["a"]).response;
    changed(["a"], { a: "2" });
    expect(namesIn(nack(bad, ["a"]).response)).toEqual(["a"]);
  });

  test("B16: X, Y, X before the first push is no change", () => {
    const { ask, ack, changed } = conversation(ASSIGNMENT, { a: "X" });
    const first = ask(["a"]).response;
    changed(["a"], { a: "Y" });
    changed(["a"], { a: "X" });
    expect(ack(first, ["a"]).response).toBeUndefined();
  });

  test("B16: X, Y, X around a push leaves the client at X", () => {
    const { ask, ack, changed } = conversation(ASSIGNMENT, { a: "X" });
    ack(ask(["a"]).response, ["a"]);
    const pushed = changed(["a"], { a: "Y" }).response;
    changed(["a"], { a: "X" });
    expect(ack(pushed, ["a"]).response?.resources).toEqual([resource(ASSIGNMENT, "a", "X")]);
  });

  test("B16 S7: what a stale request no longer named was let go meanwhile, and is sent again when it is named again", () => {
    const { ask, ack } = conversation(ROUTE, { A: "1", B: "1" });
    const first = ask(["A"]).response;
    ack(first, ["A"]);
    const second = ack(first, ["A", "B"]).response;
    ack(first, ["B"]); // stale: the listener pointed at B for a moment, and the client dropped A
    expect(namesIn(ack(second, ["B", "A"]).response)).toEqual(["A"]);
  });

  test("B19: what waited is made anew after an unsubscribe", () => {
    const { ask, ack, changed } = conversation(ASSIGNMENT, { a: "1", b: "1" });
    const first = ask(["a", "b"]).response;
    changed(["a", "b"], { a: "2", b: "2" });
    expect(namesIn(ack(first, ["b"]).response)).toEqual(["b"]);
  });

  test("E4 B19: while nothing can be written, what is due is remembered, and made from the newest state", () => {
    const { ask, changed, at } = conversation(ASSIGNMENT, { a: "1" }, { writable: false });
    const blocked = ask(["a"]).response;
    changed(["a"], { a: "2" });
    at.more = {};
    expect([blocked, changed([]).response?.resources]).toEqual([undefined, [resource(ASSIGNMENT, "a", "2")]]);
  });

  test("B5: what depends on something renewed is sent again although it did not change", () => {
    const { ask, ack, warmed } = conversation(ASSIGNMENT, { a: "1", b: "1" });
    ack(ask(["a", "b"]).response, ["a", "b"]);
    expect(namesIn(warmed(["a", "not asked for"]).response)).toEqual(["a"]);
  });

  test("B1: what is gone stays in the set until it may go", () => {
    const { ask, ack, changed, at } = conversation(CLUSTER, { a: "1", b: "1" }, { holdRemovals: true });
    ack(ask(["a", "b", "c"]).response, ["a", "b", "c"]);
    const made = changed(["a", "c"], { b: "1", c: "1" }).response;
    at.more = {};
    expect([namesIn(made), namesIn(ack(made, ["a", "b", "c"]).response)]).toEqual([
      ["a", "b", "c"],
      ["b", "c"],
    ]);
  });
});

describe("a large response", () => {
  const large = "x".repeat(1_000_000);

  test("S23: assignments are dealt over responses below the limit", () => {
    const names = ["a", "b", "c", "d", "e", "f", "g"];
    const { ask, changed } = conversation(ASSIGNMENT, Object.fromEntries(names.map((name) => [name, large])));
    const responses = [ask(names).response, changed([]).response, changed([]).response];
    expect(responses.map(namesIn)).toEqual([["a", "b", "c"], ["d", "e", "f"], ["g"]]);
  });

  test("S14 S23: a complete set that is too large ends the stream, with advice", () => {
    const names = ["a", "b", "c", "d"];
    const { ask } = conversation(CLUSTER, Object.fromEntries(names.map((name) => [name, large])));
    const { tooLarge, response } = ask(["*"]);
    expect([tooLarge, response]).toEqual([true, undefined]);
  });

  test("S23 B22: an assignment that alone is too large is left out and blocks no other", () => {
    const { ask } = conversation(ASSIGNMENT, { a: "1", huge: "x".repeat(MAX_BYTES), z: "1" });
    const { response, oversized } = ask(["a", "huge", "z"]);
    expect([namesIn(response), oversized]).toEqual([["a", "z"], ["huge"]]);
  });
});
