/** The four types of one stream: in which order they are sent, and what waits for what (B1, B2, B5). Does no I/O. */
import { ASSIGNMENT, CLUSTER, LISTENER, ROUTE, SEND_ORDER, type TypeUrl } from "../../snapshots/type-url.ts";
import type { TypeStatus } from "../roster.ts";
import { type InFlight, isIdle } from "./in-flight.ts";
import { joinNames, type Names, NO_NAMES, type Sight, type Step, type TypeEvent } from "./step.ts";
import { statusOfType } from "./type-status.ts";
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

const LOOK_AGAIN = { kind: "changed", names: NO_NAMES } as const;

const waits = ({ owed, dirty }: TypeState): boolean => owed.length > 0 || dirty.length > 0;

const owesSince = (inFlight: InFlight, moment: number): boolean =>
  !isIdle(inFlight) && inFlight.sent !== undefined && inFlight.sent.at < moment;

/** One type of the stream. */
interface Line<State> {
  readonly typeUrl: TypeUrl;
  state: State | undefined;
  /** Changed names that were not looked at yet: the newest state wins (E1). */
  mail: Names;
}

/** A class, since every stream has one and closures would cost each a function. */
export class Exchange<Request, State extends TypeState> {
  readonly #variant: Variant<Request, State>;
  readonly #outlet: Outlet<State>;
  readonly #rules: ExchangeRules;
  /** In send order. */
  readonly #lines: readonly Line<State>[] = SEND_ORDER.map((typeUrl) => ({
    typeUrl,
    state: undefined,
    mail: NO_NAMES,
  }));
  #removalsSince: number | undefined;

  constructor(variant: Variant<Request, State>, outlet: Outlet<State>, rules: ExchangeRules) {
    this.#variant = variant;
    this.#outlet = outlet;
    this.#rules = rules;
  }

  /** Of a type that the client has asked for. */
  state(typeUrl: TypeUrl): State | undefined {
    return this.#line(typeUrl).state;
  }

  /** Every type that was asked for, for people. `wallOffset` turns the stream's times into milliseconds since the epoch. */
  status(wallOffset: number): readonly TypeStatus[] {
    return this.#lines.flatMap(({ typeUrl, state }) =>
      state === undefined ? [] : [statusOfType(typeUrl, this.#variant, state, wallOffset)],
    );
  }

  /** The client owes the answer to a response that was made before `moment`. */
  owesSince(moment: number): boolean {
    return this.#lines.some(({ state }) => state !== undefined && owesSince(state.inFlight, moment));
  }

  request(typeUrl: TypeUrl, request: Request): void {
    const line = this.#line(typeUrl);
    this.#step(line, { kind: "request", ...request }, !this.#isQuiet(line));
    this.#remove();
  }

  /** Notes that resources of these names may have changed; `flush` answers. */
  changed(typeUrl: TypeUrl, names: Names): void {
    const line = this.#line(typeUrl);
    line.mail = joinNames(line.mail, names);
  }

  /** Sends what is due: what is new in the order of make before break, then what is gone. */
  flush(): void {
    for (const line of this.#lines) {
      const { state, mail: names } = line;
      line.mail = NO_NAMES;
      if (state !== undefined && (names.length > 0 || waits(state))) this.#step(line, { kind: "changed", names }, true);
    }
    this.#remove();
  }

  /** Something that is gone waits to be taken away. */
  get hasRemovals(): boolean {
    return this.#lines.some(({ state }) => state !== undefined && state.removals.length > 0);
  }

  #line(typeUrl: TypeUrl): Line<State> {
    const line = this.#lines[SEND_ORDER.indexOf(typeUrl)];
    if (line === undefined) throw new Error(`no type is called ${typeUrl}`);
    return line;
  }

  #step(line: Line<State>, event: TypeEvent<Request>, holdRemovals: boolean): void {
    let next: TypeEvent<Request> | undefined = event;
    while (next !== undefined) {
      const sight = this.#outlet.sight(line.typeUrl, holdRemovals);
      const step: Step<State> = this.#variant.step(line.state ?? this.#variant.initial, next, sight);
      line.state = step.state;
      this.#outlet.deliver(line.typeUrl, step);
      if (this.#rules.warms && step.renewed.length > 0) this.#warm(line.typeUrl, step.renewed);
      const hasMore = step.response !== undefined && step.state.owed.length > 0;
      next = hasMore && this.#outlet.isWritable ? LOOK_AGAIN : undefined;
    }
  }

  /** Which route a listener leads to is only in its bytes, so all of the stream's few routes are sent. */
  #warm(typeUrl: TypeUrl, renewed: readonly string[]): void {
    const dependant = this.#line(typeUrl === CLUSTER ? ASSIGNMENT : ROUTE);
    const names = typeUrl === LISTENER ? "all" : renewed;
    if (dependant.state !== undefined) this.#step(dependant, { kind: "warmed", names }, true);
  }

  /** Takes away what is gone, from the outside in: a cluster only when no route leads to it any more (B2). */
  #remove(): void {
    if (!this.hasRemovals) {
      this.#removalsSince = undefined;
      return;
    }
    this.#removalsSince ??= this.#outlet.now();
    const overdue = this.#outlet.now() - this.#removalsSince >= this.#rules.removalWaitMs;
    for (const line of this.#lines.toReversed()) {
      const waiting = line.state !== undefined && line.state.removals.length > 0;
      if (waiting && (overdue || this.#isQuiet(line))) this.#step(line, LOOK_AGAIN, false);
    }
  }

  /** No other type has anything to send or to hear. */
  #isQuiet(except: Line<State>): boolean {
    return this.#lines.every((line) => {
      const { state, mail } = line;
      if (line === except || state === undefined) return true;
      return isIdle(state.inFlight) && !waits(state) && mail.length === 0;
    });
  }
}
