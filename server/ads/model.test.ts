import fc from "fast-check";
import { expect, test } from "vitest";
import { CLUSTER, isFullState, type TypeUrl } from "../../snapshots/type-url.ts";
import { WILDCARD } from "../roster.ts";
import { Exchange, type Outlet } from "./exchange.ts";
import { type Contents, resource, sightOf } from "./fixtures.ts";
import type { Outgoing } from "./in-flight.ts";
import { deltaReference, type Reference, sotwReference, TYPES } from "./reference.ts";
import type { Step } from "./step.ts";
import { DELTA, SOTW, type TypeState, type Variant } from "./variant.ts";

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
const request: fc.Arbitrary<Happening> = fc
  .tuple(fc.constantFrom("subscribe" as const, "unsubscribe" as const, "ask again" as const), asked)
  .map(([kind, what]) => ({ kind, ...what }));
const change: fc.Arbitrary<Happening> = fc
  .tuple(name, fc.option(fc.constantFrom("1", "2", "3"), { nil: undefined }))
  .map(([one, content]) => ({ kind: "change", name: one, content }));
const only = (kind: "server reads" | "reconnect" | "block" | "unblock" | "time", weight: number) => ({
  arbitrary: fc.constant<Happening>({ kind }),
  weight,
});
const happening: fc.Arbitrary<Happening> = fc.oneof(
  { arbitrary: request, weight: 6 },
  { arbitrary: change, weight: 6 },
  { arbitrary: fc.constant<Happening>({ kind: "client reads", accepts: true }), weight: 6 },
  { arbitrary: fc.constant<Happening>({ kind: "client reads", accepts: false }), weight: 2 },
  only("server reads", 8),
  only("reconnect", 1),
  only("block", 1),
  only("unblock", 2),
  only("time", 1),
);

/** What was sent on the present stream, and which of it was sent again without a reason. */
class Ledger {
  readonly repeats: string[] = [];
  /** How often there was a reason to send. */
  reasons = 0;
  readonly #sent = new Map<string, string>();
  readonly #isSet: (typeUrl: TypeUrl) => boolean;

  /** `isSet`: whether a response of the type is a complete set, which repeats what did not change. */
  constructor(isSet: (typeUrl: TypeUrl) => boolean) {
    this.#isSet = isSet;
  }

  note(typeUrl: TypeUrl, { resources }: Outgoing): void {
    const lines = resources.map((one) => [`${typeUrl} ${one.name}`, one.version] as const);
    const set = lines.join();
    const known = lines.length > 0 && lines.every(([key, version]) => this.#sent.get(key) === version);
    if (this.#isSet(typeUrl) ? this.#sent.get(typeUrl) === set : known) this.repeats.push(set);
    for (const [key, version] of [...lines, [typeUrl, set] as const]) this.#sent.set(key, version);
  }

  /** There is a reason to send this name again. */
  forgive(typeUrl: TypeUrl, one: string): void {
    this.reasons += 1;
    this.#sent.delete(`${typeUrl} ${one}`);
    this.#sent.delete(typeUrl);
  }

  reopen(): void {
    this.reasons += TYPES.length * NAMES.length;
    this.#sent.clear();
  }
}

/** A server's side of one client, the world that it serves, and the wires between them. */
class Play<Request, State extends TypeState> {
  readonly ledger: Ledger;
  written = 0;
  readonly #variant: Variant<Request, State>;
  readonly #client: Reference<Request>;
  readonly #responses: { readonly typeUrl: TypeUrl; readonly response: Outgoing }[] = [];
  /** What the client rejected, and need not be sent again: type, name and version. */
  readonly #rejected = new Set<string>();
  #contents: Contents = {};
  #now = 0;
  #writable = true;
  #exchange: Exchange<Request, State>;

  constructor(variant: Variant<Request, State>, client: Reference<Request>) {
    this.#variant = variant;
    this.#client = client;
    this.ledger = new Ledger((typeUrl) => this.#isSet(typeUrl));
    this.#exchange = this.#open();
  }

  #isSet(typeUrl: TypeUrl): boolean {
    return this.#variant.name === "sotw" && isFullState(typeUrl);
  }

  #open(): Exchange<Request, State> {
    const isWritable = () => this.#writable;
    const outlet: Outlet<State> = {
      get isWritable() {
        return isWritable();
      },
      now: () => this.#now,
      sight: (typeUrl, holdRemovals) => {
        const nonce = `n${this.written + 1}`;
        return sightOf(typeUrl, this.#contents, { nonce, now: this.#now, writable: this.#writable, holdRemovals });
      },
      deliver: (typeUrl, step) => this.#deliver(typeUrl, step),
    };
    return new Exchange<Request, State>(this.#variant, outlet, { warms: false, removalWaitMs: 100 });
  }

  #deliver(typeUrl: TypeUrl, { response, change: asks, verdict }: Step<State>): void {
    const isNewForAll = verdict === "stale" || (asks !== undefined && asks.wildcard !== "same");
    const named = asks === undefined ? [] : [...asks.added, ...asks.removed];
    for (const one of isNewForAll ? NAMES : named) this.ledger.forgive(typeUrl, one);
    if (response === undefined) return;
    this.written += 1;
    this.ledger.note(typeUrl, response);
    this.#responses.push({ typeUrl, response });
  }

  #serverReads(): void {
    const next = this.#client.requests.shift();
    if (next === undefined) return;
    for (const one of this.#client.asksAnew(next.request)) this.ledger.forgive(next.typeUrl, one);
    this.#exchange.request(next.typeUrl, next.request);
  }

  #clientReads(accepts: boolean): void {
    const next = this.#responses.shift();
    if (next === undefined) return;
    if (!accepts) this.#reject(next.typeUrl, next.response);
    this.#client.read(next.typeUrl, next.response, accepts);
  }

  #reject(typeUrl: TypeUrl, { resources, removed }: Outgoing): void {
    const named = new Set(resources.map((one) => one.name));
    const gone = this.#isSet(typeUrl) ? NAMES.filter((one) => !named.has(one)) : removed;
    for (const { name: one, version } of resources) this.#rejected.add(`${typeUrl} ${one} ${version}`);
    for (const one of gone) this.#rejected.add(`${typeUrl} ${one} undefined`);
  }

  #change(one: string, content: string | undefined): void {
    const { [one]: _, ...others } = this.#contents;
    this.#contents = content === undefined ? others : { ...others, [one]: content };
    for (const typeUrl of TYPES) {
      this.ledger.reasons += 1;
      if (content === undefined) this.ledger.forgive(typeUrl, one);
      this.#exchange.changed(typeUrl, [one]);
    }
    this.#exchange.flush();
  }

  #reconnect(): void {
    this.#responses.length = 0;
    this.ledger.reopen();
    this.#exchange = this.#open();
    this.#client.reconnect();
  }

  #flushed(writable: boolean, ms: number): void {
    this.#writable = writable;
    this.#now += ms;
    this.#exchange.flush();
  }

  happen(event: Happening): void {
    switch (event.kind) {
      case "subscribe":
        this.#client.subscribe(event.typeUrl, event.name);
        break;
      case "unsubscribe":
        this.#client.unsubscribe(event.typeUrl, event.name);
        break;
      case "ask again":
        this.#client.askAgain(event.typeUrl, event.name);
        break;
      case "change":
        this.#change(event.name, event.content);
        break;
      case "server reads":
        this.#serverReads();
        break;
      case "client reads":
        this.#clientReads(event.accepts);
        break;
      case "reconnect":
        this.#reconnect();
        break;
      case "block":
      case "unblock":
        this.#flushed(event.kind === "unblock", 0);
        break;
      case "time":
        this.#flushed(this.#writable, 60);
        break;
    }
  }

  /** Lets every message arrive. False when that does not end. */
  settle(): boolean {
    this.happen({ kind: "unblock" });
    for (let turn = 0; turn < 500; turn += 1) {
      if (this.#client.requests.length + this.#responses.length === 0) return true;
      this.#serverReads();
      this.#clientReads(true);
    }
    return false;
  }

  /** Wanted names of which the client holds another version than there is, though it did not reject that. */
  differing(): readonly string[] {
    return TYPES.flatMap((typeUrl) =>
      NAMES.filter((one) => this.#differs(typeUrl, one)).map((one) => `${typeUrl} ${one}`),
    );
  }

  #differs(typeUrl: TypeUrl, one: string): boolean {
    const content = this.#contents[one];
    const version = content === undefined ? undefined : resource(typeUrl, one, content).version;
    const held = this.#client.holds(typeUrl, one);
    if (!this.#client.wants(typeUrl, one) || held === version) return false;
    const mayStay = version === undefined && this.#variant.name === "sotw" && !isFullState(typeUrl); // S18
    return !mayStay && !this.#rejected.has(`${typeUrl} ${one} ${version}`);
  }
}

function check<Request, State extends TypeState>(
  variant: Variant<Request, State>,
  reference: () => Reference<Request>,
) {
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 80, size: "max" }), (story) => {
      const play = new Play(variant, reference());
      for (const event of story) play.happen(event);
      const settled = [play.settle()];
      const afterStory = play.differing();
      for (const one of NAMES) play.happen({ kind: "change", name: one, content: "final" });
      settled.push(play.settle());
      const written = play.written;
      for (const one of NAMES) play.happen({ kind: "change", name: one, content: "final" });
      settled.push(play.settle());
      const atTheEnd = play.differing();
      expect({ settled, afterStory, atTheEnd, repeats: play.ledger.repeats, written: play.written }).toEqual({
        settled: [true, true, true],
        afterStory: [],
        atTheEnd: [],
        repeats: [],
        written,
      });
      expect(written).toBeLessThanOrEqual(play.ledger.reasons * 3);
    }),
    { numRuns: 1000 },
  );
}

test("S7 S10 S11 S19 S25 S35 B16: whatever happens in whatever order, a client of state of the world converges, and is sent nothing twice", () =>
  check(SOTW, sotwReference));

test("D1 D3 D6 D8 D11 D17 D19: whatever happens in whatever order, a client of delta converges, and is sent nothing twice", () =>
  check(DELTA, deltaReference));
