import fc from "fast-check";
import { expect, test } from "vitest";
import { ASSIGNMENT, CLUSTER, isFullState, type TypeUrl } from "../../snapshots/type-url.ts";
import type { DeltaRequest } from "./delta.ts";
import { Exchange, type Outlet } from "./exchange.ts";
import { type Contents, resource, sightOf } from "./fixtures.ts";
import type { Outgoing } from "./in-flight.ts";
import type { SotwRequest } from "./sotw.ts";
import { WILDCARD } from "./subscription.ts";
import { DELTA, SOTW, type TypeState, type Variant } from "./variant.ts";

const TYPES: readonly TypeUrl[] = [CLUSTER, ASSIGNMENT];
const NAMES = ["a", "b", "c"];

/** What may happen, in any order. Messages take time: they are delivered one by one. */
type Happening =
  | { readonly kind: "subscribe" | "unsubscribe" | "ask again"; readonly typeUrl: TypeUrl; readonly name: string }
  | { readonly kind: "change"; readonly name: string; readonly content: string | undefined }
  | { readonly kind: "server reads" | "reconnect" | "block" | "unblock" | "time" }
  | { readonly kind: "client reads"; readonly accepts: boolean };

const name = fc.constantFrom(...NAMES);
/** A type, and a name of it; only clusters have a wildcard. */
const asked = fc.oneof(
  fc.record({ typeUrl: fc.constantFrom(...TYPES), name }),
  fc.record({ typeUrl: fc.constant(CLUSTER as TypeUrl), name: fc.constant(WILDCARD) }),
);
const often = (kind: "server reads" | "reconnect" | "block" | "unblock" | "time", weight: number) => ({
  arbitrary: fc.constant<Happening>({ kind }),
  weight,
});
const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    arbitrary: fc
      .tuple(fc.constantFrom("subscribe" as const, "unsubscribe" as const, "ask again" as const), asked)
      .map(([kind, what]) => ({ kind, ...what })),
    weight: 6,
  },
  {
    arbitrary: fc.record({
      kind: fc.constant("change" as const),
      name,
      content: fc.option(fc.constantFrom("1", "2", "3"), { nil: undefined }),
    }),
    weight: 6,
  },
  {
    arbitrary: fc.record({
      kind: fc.constant("client reads" as const),
      accepts: fc.oneof({ arbitrary: fc.constant(true), weight: 4 }, { arbitrary: fc.constant(false), weight: 1 }),
    }),
    weight: 8,
  },
  often("server reads", 8),
  often("reconnect", 1),
  often("block", 1),
  often("unblock", 2),
  often("time", 1),
);

/** A client as the protocol wants it: the reference that the server is held against. */
interface Reference<Request> {
  subscribe(typeUrl: TypeUrl, name: string): void;
  unsubscribe(typeUrl: TypeUrl, name: string): void;
  /** Says once more what it said already: an old request, or a subscription that it has. */
  askAgain(typeUrl: TypeUrl, name: string): void;
  read(typeUrl: TypeUrl, response: Outgoing, accepts: boolean): void;
  reconnect(): void;
  /** Names that are answered although the client may have them. */
  asksAnew(request: Request): readonly string[];
  /** Requests on their way. */
  readonly requests: { readonly typeUrl: TypeUrl; readonly request: Request }[];
  readonly wants: ReadonlyMap<TypeUrl, ReadonlySet<string>>;
  /** Name to version. */
  readonly holds: ReadonlyMap<TypeUrl, ReadonlyMap<string, string>>;
}

const byType = <T>(make: () => T): Map<TypeUrl, T> => new Map(TYPES.map((type) => [type, make()]));
const covers = (wants: ReadonlySet<string>, one: string): boolean => wants.has(one) || wants.has(WILDCARD);

/** Lets go of what is not wanted any more. */
function prune(wants: ReadonlySet<string>, holds: Map<string, string>): void {
  for (const one of holds.keys()) if (!covers(wants, one)) holds.delete(one);
}

const at = <T>(map: ReadonlyMap<TypeUrl, T>, type: TypeUrl): T => {
  const found = map.get(type);
  if (found === undefined) throw new Error(`nothing of ${type}`);
  return found;
};

function sotwReference(): Reference<SotwRequest> {
  const wants = byType(() => new Set<string>());
  const holds = byType(() => new Map<string, string>());
  const said = byType(() => ({ version: "", nonce: "" }));
  /** The version of which it holds the whole set, to be shown after a reconnect. */
  const claims = byType(() => ({ version: "" }));
  const requests: { typeUrl: TypeUrl; request: SotwRequest }[] = [];
  const send = (type: TypeUrl, error?: string): void => {
    requests.push({ typeUrl: type, request: { ...at(said, type), error, names: [...at(wants, type)] } });
  };
  const takeOver = (type: TypeUrl, { version, resources }: Outgoing): void => {
    at(said, type).version = version;
    at(claims, type).version = at(wants, type).size === 0 ? "" : version;
    if (isFullState(type)) at(holds, type).clear();
    for (const one of resources) if (covers(at(wants, type), one.name)) at(holds, type).set(one.name, one.version);
  };
  return {
    requests,
    wants,
    holds,
    subscribe: (type, one) => {
      at(wants, type).add(one);
      send(type);
    },
    unsubscribe: (type, one) => {
      at(wants, type).delete(one);
      prune(at(wants, type), at(holds, type));
      if (one === WILDCARD) at(claims, type).version = "";
      send(type);
    },
    askAgain: (type) => send(type),
    asksAnew: () => [],
    read: (type, response, accepts) => {
      at(said, type).nonce = response.nonce;
      if (accepts) takeOver(type, response);
      send(type, accepts ? undefined : "no");
    },
    reconnect: () => {
      requests.length = 0;
      for (const type of TYPES) {
        Object.assign(at(said, type), { nonce: "", version: at(claims, type).version });
        if (at(wants, type).size > 0) send(type);
      }
    },
  };
}

function deltaReference(): Reference<DeltaRequest> {
  const wants = byType(() => new Set<string>());
  const holds = byType(() => new Map<string, string>());
  const requests: { typeUrl: TypeUrl; request: DeltaRequest }[] = [];
  const send = (type: TypeUrl, more: Partial<DeltaRequest>): void => {
    const plain = { nonce: "", error: undefined, subscribe: [], unsubscribe: [], initialVersions: new Map() };
    requests.push({ typeUrl: type, request: { ...plain, ...more } });
  };
  return {
    requests,
    wants,
    holds,
    subscribe: (type, one) => {
      at(wants, type).add(one);
      send(type, { subscribe: [one] });
    },
    unsubscribe: (type, one) => {
      at(wants, type).delete(one);
      prune(at(wants, type), at(holds, type));
      send(type, { unsubscribe: [one] });
    },
    askAgain: (type, one) => at(wants, type).has(one) && send(type, { subscribe: [one] }),
    asksAnew: ({ subscribe }) => subscribe,
    read: (type, { nonce, resources, removed }, accepts) => {
      for (const one of accepts ? resources : []) {
        if (covers(at(wants, type), one.name)) at(holds, type).set(one.name, one.version);
      }
      for (const gone of accepts ? removed : []) at(holds, type).delete(gone);
      send(type, { nonce, error: accepts ? undefined : "no" });
    },
    reconnect: () => {
      requests.length = 0;
      for (const type of TYPES) {
        const initialVersions = new Map(at(holds, type));
        if (at(wants, type).size > 0) send(type, { subscribe: [...at(wants, type)], initialVersions });
      }
    },
  };
}

/** A server's side of one client, and the world that it serves; counts what it sends, and why it may. */
function play<Request, State extends TypeState>(variant: Variant<Request, State>, client: Reference<Request>) {
  let contents: Contents = {};
  let now = 0;
  let writable = true;
  let written = 0;
  let reasons = 0;
  const rejected = new Set<string>();
  const responses: { readonly typeUrl: TypeUrl; readonly response: Outgoing }[] = [];
  /** By type and name: what the client was last sent on this stream, unless there is a reason to send it again. */
  const lastSent = new Map<string, string>();
  const repeats: string[] = [];
  const note = (type: TypeUrl, { resources }: Outgoing): void => {
    const isSet = variant.name === "sotw" && isFullState(type);
    const fresh = resources.filter((one) => lastSent.get(`${type} ${one.name}`) !== one.version);
    const set = resources.map((one) => `${one.name} ${one.version}`).join();
    const isRepeat = isSet ? lastSent.get(`${type} set`) === set : resources.length > 0 && fresh.length === 0;
    if (isRepeat) repeats.push(`${type} ${set}`);
    for (const one of resources) lastSent.set(`${type} ${one.name}`, one.version);
    lastSent.set(`${type} set`, set);
  };
  const forgive = (type: TypeUrl, one: string): void => {
    reasons += 1;
    lastSent.delete(`${type} ${one}`);
    lastSent.delete(`${type} set`);
  };
  const outlet: Outlet<State> = {
    get isWritable() {
      return writable;
    },
    now: () => now,
    sight: (type, holdRemovals) =>
      sightOf(type, contents, { nonce: `n${written + 1}`, now, writable, holdRemovals, legacyWildcard: false }),
    deliver: (type, { response, change, verdict }) => {
      const isNewForAll = verdict === "stale" || (change !== undefined && change.wildcard !== "same");
      for (const one of isNewForAll ? NAMES : []) forgive(type, one);
      for (const one of [...(change?.added ?? []), ...(change?.removed ?? [])]) forgive(type, one);
      if (response === undefined) return;
      written += 1;
      note(type, response);
      responses.push({ typeUrl: type, response });
    },
  };
  const open = () => new Exchange<Request, State>(variant, outlet, { warms: false, removalWaitMs: 100 });
  let exchange = open();
  const serverReads = (): void => {
    const next = client.requests.shift();
    if (next === undefined) return;
    for (const one of client.asksAnew(next.request)) forgive(next.typeUrl, one);
    exchange.request(next.typeUrl, next.request);
  };
  const clientReads = (accepts: boolean): void => {
    const next = responses.shift();
    if (next === undefined) return;
    const { typeUrl: type, response } = next;
    if (!accepts) {
      for (const one of response.resources) rejected.add(`${type} ${one.name} ${one.version}`);
      const isSet = variant.name === "sotw" && isFullState(type);
      const named = new Set(response.resources.map((one) => one.name));
      const gone = isSet ? NAMES.filter((one) => !named.has(one)) : response.removed;
      for (const one of gone) rejected.add(`${type} ${one} gone`);
    }
    client.read(type, response, accepts);
  };
  const change = (one: string, content: string | undefined): void => {
    const { [one]: _, ...others } = contents;
    contents = content === undefined ? others : { ...others, [one]: content };
    for (const type of TYPES) {
      reasons += 1;
      if (content === undefined) forgive(type, one);
      exchange.changed(type, [one]);
    }
    exchange.flush();
  };
  const happen = (event: Happening): void => {
    switch (event.kind) {
      case "subscribe":
        return client.subscribe(event.typeUrl, event.name);
      case "unsubscribe":
        return client.unsubscribe(event.typeUrl, event.name);
      case "ask again":
        return client.askAgain(event.typeUrl, event.name);
      case "change":
        return change(event.name, event.content);
      case "server reads":
        return serverReads();
      case "client reads":
        return clientReads(event.accepts);
      case "reconnect":
        responses.length = 0;
        lastSent.clear();
        reasons += TYPES.length * NAMES.length;
        exchange = open();
        return client.reconnect();
      case "block":
        writable = false;
        return;
      case "unblock":
        writable = true;
        return exchange.flush();
      case "time":
        now += 60;
        return exchange.flush();
    }
  };
  /** Lets every message arrive. False when that does not end. */
  const settle = (): boolean => {
    happen({ kind: "unblock" });
    for (let turn = 0; turn < 500; turn += 1) {
      if (client.requests.length + responses.length === 0) return true;
      serverReads();
      clientReads(true);
    }
    return false;
  };
  /** Names of which the client holds another version than there is, though it did not reject it. */
  const differing = (): readonly string[] =>
    TYPES.flatMap((type) =>
      NAMES.filter((one) => covers(at(client.wants, type), one)).flatMap((one) => {
        const content = contents[one];
        const version = content === undefined ? undefined : resource(type, one, content).version;
        const held = at(client.holds, type).get(one);
        const isPartial = variant.name === "sotw" && !isFullState(type);
        if (held === version || (version === undefined && isPartial)) return []; // S18: a gone assignment stays
        return rejected.has(`${type} ${one} ${version ?? "gone"}`) ? [] : [`${type} ${one}`];
      }),
    );
  return { happen, settle, differing, repeats, sent: () => written, allowed: () => reasons * 3 };
}

function check<Request, State extends TypeState>(
  variant: Variant<Request, State>,
  reference: () => Reference<Request>,
) {
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 80, size: "max" }), (story) => {
      const played = play(variant, reference());
      for (const event of story) played.happen(event);
      const settled = [played.settle()];
      const afterStory = played.differing();
      for (const one of NAMES) played.happen({ kind: "change", name: one, content: "final" });
      settled.push(played.settle());
      const quiet = played.sent();
      for (const one of NAMES) played.happen({ kind: "change", name: one, content: "final" });
      settled.push(played.settle());
      expect({ settled, afterStory, atTheEnd: played.differing(), repeats: played.repeats }).toEqual({
        settled: [true, true, true],
        afterStory: [],
        atTheEnd: [],
        repeats: [],
      });
      expect(played.sent()).toBe(quiet);
      expect(played.sent()).toBeLessThanOrEqual(played.allowed());
    }),
    { numRuns: 1000 },
  );
}

test("S7 S10 S11 S19 S25 S35 B16: whatever happens in whatever order, a client of state of the world converges, and is sent nothing twice", () =>
  check(SOTW, sotwReference));

test("D1 D3 D6 D8 D11 D17 D19: whatever happens in whatever order, a client of delta converges, and is sent nothing twice", () =>
  check(DELTA, deltaReference));
