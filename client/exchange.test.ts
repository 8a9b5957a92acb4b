import { expect, test } from "vitest";
import { type Decode, type ExchangeEvent, initialExchange, NOTHING_WANTED, step, type Wanted } from "./exchange.ts";
import { bad, ok } from "./parsed.ts";
import { ASSIGNMENT, LISTENER } from "./type-url.ts";

/** A resource is its name as text; one that begins with "bad" is. */
const decode: Decode = (_, bytes) => {
  const name = Buffer.from(bytes).toString();
  return { name, content: name.startsWith("bad") ? bad("no good") : ok(name) };
};

const opened: ExchangeEvent = { kind: "opened" };
const wanting = (names: Partial<Wanted>): ExchangeEvent => ({
  kind: "wanted",
  wanted: { ...NOTHING_WANTED, ...names },
});
const answering = (typeUrl: string, nonce: string, ...names: readonly string[]): ExchangeEvent => {
  const resources = names.map((name) => ({ typeUrl, value: Buffer.from(name) }));
  return { kind: "answered", response: { typeUrl, version: `v${nonce}`, nonce, resources } };
};

function walk(...events: readonly ExchangeEvent[]) {
  let state = initialExchange;
  return events.map((event) => {
    const { state: next, requests, news } = step(state, event, decode);
    state = next;
    return { requests, news };
  });
}

test("nothing is asked before something is wanted, since a first request without names means everything", () => {
  const [first, second] = walk(opened, wanting({ [LISTENER]: ["a"] }));
  expect(first?.requests).toEqual([]);
  expect(second?.requests).toEqual([{ typeUrl: LISTENER, names: ["a"], version: "", nonce: "" }]);
});

test("a response is acknowledged; after a reconnect the first request carries its version and no nonce", () => {
  const wanted = wanting({ [LISTENER]: ["a"] });
  const steps = walk(wanted, opened, answering(LISTENER, "1", "a"), { kind: "closed" }, opened);
  expect(steps[2]?.requests).toEqual([{ typeUrl: LISTENER, names: ["a"], version: "v1", nonce: "1" }]);
  expect(steps[4]?.requests).toEqual([{ typeUrl: LISTENER, names: ["a"], version: "v1", nonce: "" }]);
});

test("a bad resource is refused by name, the version stays, and good ones of the same response are used", () => {
  const wanted = wanting({ [ASSIGNMENT]: ["a", "bad"] });
  const steps = walk(opened, wanted, answering(ASSIGNMENT, "1", "a"), answering(ASSIGNMENT, "2", "a", "bad"));
  expect(steps[3]?.requests).toEqual([
    { typeUrl: ASSIGNMENT, names: ["a", "bad"], version: "v1", nonce: "2", refusal: "bad: no good" },
  ]);
  expect([...(steps[3]?.news?.accepted.keys() ?? [])]).toEqual(["a"]);
});

test("only a response that lists everything tells what is lacking", () => {
  const wanted = wanting({ [LISTENER]: ["a", "b"], [ASSIGNMENT]: ["a", "b"] });
  const steps = walk(opened, wanted, answering(LISTENER, "1", "a"), answering(ASSIGNMENT, "2", "a"));
  expect(steps.map(({ news }) => news?.lacking)).toEqual([undefined, undefined, ["b"], []]);
});

test("names are told anew only when they change, and an end of all of them too", () => {
  const wanted = wanting({ [LISTENER]: ["a"] });
  const steps = walk(opened, wanted, wanted, wanting({}));
  expect(steps.map(({ requests }) => requests.map(({ names }) => names))).toEqual([[], [["a"]], [], [[]]]);
});

test("a resource nobody asked for is not used, and a type nobody knows is not answered", () => {
  const wanted = wanting({ [LISTENER]: ["a"] });
  const steps = walk(opened, wanted, answering(LISTENER, "1", "other"), answering("type.googleapis.com/x", "2", "a"));
  expect(steps[2]?.news?.accepted.size).toBe(0);
  expect(steps[3]).toEqual({ requests: [], news: undefined });
});
