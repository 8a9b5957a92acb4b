/** The four types of one stream: in which order they are sent, and what waits for what (B1, B2, B5). Does no I/O. */
import { ASSIGNMENT, CLUSTER, LISTENER, ROUTE, SEND_ORDER, type TypeUrl } from "../../snapshots/type-url.ts";
import { isIdle } from "./in-flight.ts";
import { joinNames, type Names, type Sight, type Step, type TypeEvent } from "./step.ts";
import type { TypeState, Variant } from "./variant.ts";

/** Where steps go. */
export interface Outlet<State> {
  /** False while nothing more can be written; then `flush` must be called once it can. */
  readonly isWritable: boolean;
  now(): number;
  sight(typeUrl: TypeUrl, holdRemovals: boolean): Sight;
  /** Called with each step, its state being recorded already. */
  deliver(typeUrl: TypeUrl, step: Step<State>): void;
}

export interface ExchangeRules {
  /** The client waits for what a renewed cluster or listener leads to, though it has it (Envoy; B5). */
  readonly warms: boolean;
  readonly removalWaitMs: number;
}

const NONE: readonly string[] = [];
const LOOK_AGAIN = { kind: "changed", names: NONE } as const;

/** Breaking is the reverse of making: what leads to a thing is removed before it. */
const REMOVE_ORDER: readonly TypeUrl[] = SEND_ORDER.toReversed();

const at = (typeUrl: TypeUrl): number => SEND_ORDER.indexOf(typeUrl);

const waits = ({ owed, dirty }: TypeState): boolean => owed.length > 0 || dirty.length > 0;

/** A class, since every stream has one and closures would cost each a function. */
export class Exchange<Request, State extends TypeState> {
  readonly #variant: Variant<Request, State>;
  readonly #outlet: Outlet<State>;
  readonly #rules: ExchangeRules;
  /** In send order. */
  readonly #states: (State | undefined)[] = [undefined, undefined, undefined, undefined];
  /** Changed names that were not looked at yet, in send order: the newest state wins (E1). */
  readonly #mail: Names[] = [NONE, NONE, NONE, NONE];
  #removalsSince: number | undefined;

  constructor(variant: Variant<Request, State>, outlet: Outlet<State>, rules: ExchangeRules) {
    this.#variant = variant;
    this.#outlet = outlet;
    this.#rules = rules;
  }

  /** Of a type that the client has asked for. */
  state(typeUrl: TypeUrl): State | undefined {
    return this.#states[at(typeUrl)];
  }

  request(typeUrl: TypeUrl, request: Request): void {
    this.#step(typeUrl, { kind: "request", ...request }, !this.#isQuiet(typeUrl));
    this.#remove();
  }

  /** Notes that resources of these names may have changed; `flush` answers. */
  changed(typeUrl: TypeUrl, names: readonly string[]): void {
    this.#mail[at(typeUrl)] = joinNames(this.#mail[at(typeUrl)] ?? NONE, names);
  }

  /** Sends what is due: what is new in the order of make before break, then what is gone. */
  flush(): void {
    for (const typeUrl of SEND_ORDER) {
      const names = this.#mail[at(typeUrl)] ?? NONE;
      this.#mail[at(typeUrl)] = NONE;
      const state = this.state(typeUrl);
      if (state !== undefined && (names.length > 0 || waits(state)))
        this.#step(typeUrl, { kind: "changed", names }, true);
    }
    this.#remove();
  }

  /** Something that is gone waits to be taken away. */
  get hasRemovals(): boolean {
    return this.#typesWithRemovals().length > 0;
  }

  #typesWithRemovals(): readonly TypeUrl[] {
    return REMOVE_ORDER.filter((typeUrl) => (this.state(typeUrl)?.removals.length ?? 0) > 0);
  }

  #step(typeUrl: TypeUrl, event: TypeEvent<Request>, holdRemovals: boolean): void {
    let next: TypeEvent<Request> | undefined = event;
    while (next !== undefined) {
      const state: State = this.state(typeUrl) ?? this.#variant.initial;
      const step: Step<State> = this.#variant.step(state, next, this.#outlet.sight(typeUrl, holdRemovals));
      this.#states[at(typeUrl)] = step.state;
      this.#outlet.deliver(typeUrl, step);
      if (this.#rules.warms && step.renewed.length > 0) this.#warm(typeUrl, step.renewed);
      const hasMore = step.response !== undefined && step.state.owed.length > 0;
      next = hasMore && this.#outlet.isWritable ? LOOK_AGAIN : undefined;
    }
  }

  /** Which route a listener leads to is only in its bytes, so all of the stream's few routes are sent. */
  #warm(typeUrl: TypeUrl, renewed: readonly string[]): void {
    const dependant = typeUrl === CLUSTER ? ASSIGNMENT : ROUTE;
    const names = typeUrl === LISTENER ? "all" : renewed;
    if (this.state(dependant) !== undefined) this.#step(dependant, { kind: "warmed", names }, true);
  }

  /** Takes away what is gone, from the outside in: a cluster only when no route leads to it any more (B2). */
  #remove(): void {
    const waiting = this.#typesWithRemovals();
    if (waiting.length === 0) {
      this.#removalsSince = undefined;
      return;
    }
    this.#removalsSince ??= this.#outlet.now();
    const overdue = this.#outlet.now() - this.#removalsSince >= this.#rules.removalWaitMs;
    for (const typeUrl of waiting) if (overdue || this.#isQuiet(typeUrl)) this.#step(typeUrl, LOOK_AGAIN, false);
  }

  /** No other type has anything to send or to hear. */
  #isQuiet(except: TypeUrl): boolean {
    return SEND_ORDER.every((typeUrl) => {
      const state = this.state(typeUrl);
      if (typeUrl === except || state === undefined) return true;
      return isIdle(state.inFlight) && !waits(state) && (this.#mail[at(typeUrl)] ?? NONE).length === 0;
    });
  }
}
