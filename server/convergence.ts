/**
 * How long a change takes: from its report (and from the moment that the object itself gives, where it gives one) to the
 * publish, and to the last answer of a client that was sent something for it.
 */
import type { Changes } from "../snapshots/changes.ts";
import { SEND_ORDER, type TypeUrl } from "../snapshots/type-url.ts";
import type { Clock } from "./clock.ts";
import type { Metrics } from "./metrics.ts";

/** Where a change came from. */
export interface Origin {
  /** When the first of it was reported; milliseconds that only grow. */
  readonly reportedAt: number;
  /** When it began, as an object says; milliseconds since the epoch. */
  readonly changedAt: number | undefined;
}

/** Who may owe an answer: a stream. */
export interface Debtor {
  readonly id: string;
  readonly node: { readonly id: string };
}

/** One publish and what came of it so far. */
export interface Change {
  readonly id: number;
  /** When it was published; milliseconds since the epoch. */
  readonly at: number;
  readonly changes: Changes;
  /** From the report to the publish; milliseconds. */
  readonly publishMs: number;
  /** From the moment that the object gives to the report; milliseconds. By two machines' clocks, so never less than 0. */
  readonly objectAgeMs: number | undefined;
  /** Streams that were sent something. */
  readonly clients: number;
  /** Of them, those that accepted it, refused it, and went before they answered. */
  readonly acked: number;
  readonly refused: number;
  readonly left: number;
  /** From the report to the newest answer; milliseconds. Undefined before the first. */
  readonly lastAckMs: number | undefined;
  /** Whose answer that was. */
  readonly slowest: { readonly stream: string; readonly nodeId: string } | undefined;
  /** `unfinished`: some client has not answered for so long that nobody waits for it any more. */
  readonly state: "spreading" | "done" | "unfinished";
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** A change that is on its way to clients. */
interface Round extends Mutable<Change> {
  readonly reportedAt: number;
  readonly publishedAt: number;
  /** Streams that have not looked, or have not answered. */
  owing: number;
  isTold: boolean;
}

/** What one stream owes to one round. */
interface Debt {
  readonly round: Round;
  hasLooked: boolean;
  wasSent: boolean;
  isRefused: boolean;
  /** A bit for each type that was sent and not answered. */
  types: number;
}

export interface Answer {
  readonly typeUrl: TypeUrl;
  /** When the answered response was made; milliseconds that only grow. */
  readonly sentAt: number;
  readonly refused: boolean;
}

const KEPT = 1000;
const PATIENCE_MS = 60_000;

const bitOf = (typeUrl: TypeUrl): number => 1 << SEND_ORDER.indexOf(typeUrl);
const isPaid = ({ hasLooked, types }: Debt): boolean => hasLooked && types === 0;

/** Written by who publishes and who sends, read by operators. A class, since it runs for each push. */
export class Convergence {
  readonly #clock: Clock;
  readonly #metrics: Pick<Metrics, "convergenceSeconds" | "unfinishedChanges">;
  /** The newest changes, oldest first. */
  readonly #kept: Round[] = [];
  readonly #open = new Set<Round>();
  readonly #debts = new Map<Debtor, readonly Debt[]>();
  /** The change that streams are just told of. */
  #telling: Round | undefined;
  #begun = 0;

  constructor(clock: Clock, metrics: Pick<Metrics, "convergenceSeconds" | "unfinishedChanges">) {
    this.#clock = clock;
    this.#metrics = metrics;
  }

  /** Something is published: `tell` tells the streams that it concerns. */
  publish({ reportedAt, changedAt }: Origin, changes: Changes, tell: () => void): void {
    const publishedAt = this.#clock.now();
    const at = this.#clock.wall();
    const publishMs = publishedAt - reportedAt;
    const objectAgeMs = changedAt === undefined ? undefined : Math.max(0, at - publishMs - changedAt);
    this.#begun += 1;
    const round: Round = {
      ...{ id: this.#begun, at, changes, reportedAt, publishedAt, publishMs, objectAgeMs },
      ...{ clients: 0, acked: 0, refused: 0, left: 0, lastAckMs: undefined, slowest: undefined },
      ...{ state: "spreading", owing: 0, isTold: false },
    };
    this.#observe(round, "publish", publishMs);
    this.#open.add(round);
    this.#kept.push(round);
    if (this.#kept.length > KEPT) this.#kept.shift();
    this.#telling = round;
    try {
      tell();
    } finally {
      this.#telling = undefined;
      round.isTold = true;
      this.#finishWhenDone(round);
    }
  }

  /** The stream may have something to send for the change that is being published. */
  told(debtor: Debtor): void {
    const round = this.#telling;
    if (round === undefined) return;
    const debts = this.#debts.get(debtor) ?? [];
    if (debts.at(-1)?.round === round) return;
    round.owing += 1;
    const debt: Debt = { round, hasLooked: false, wasSent: false, isRefused: false, types: 0 };
    this.#debts.set(debtor, [...debts.filter((one) => one.round.state === "spreading"), debt]);
  }

  /** The stream wrote a response. */
  wrote(debtor: Debtor, typeUrl: TypeUrl): void {
    for (const debt of this.#debts.get(debtor) ?? []) {
      if (debt.hasLooked) continue;
      if (!debt.wasSent) debt.round.clients += 1;
      debt.wasSent = true;
      debt.types |= bitOf(typeUrl);
    }
  }

  /** The stream has written all that it had to write for what it was told. */
  looked(debtor: Debtor): void {
    const debts = this.#debts.get(debtor);
    if (debts === undefined) return;
    for (const debt of debts) debt.hasLooked = true;
    this.#settle(debtor, debts);
  }

  answered(debtor: Debtor, { typeUrl, sentAt, refused }: Answer): void {
    const debts = this.#debts.get(debtor);
    if (debts === undefined) return;
    const bit = bitOf(typeUrl);
    for (const debt of debts) {
      if ((debt.types & bit) === 0 || sentAt < debt.round.publishedAt) continue;
      debt.types &= ~bit;
      debt.isRefused ||= refused;
    }
    this.#settle(debtor, debts);
  }

  left(debtor: Debtor): void {
    for (const { round, wasSent } of this.#debts.get(debtor) ?? []) {
      round.owing -= 1;
      if (wasSent) round.left += 1;
      this.#finishWhenDone(round);
    }
    this.#debts.delete(debtor);
  }

  /** Gives up waiting for who has not answered for long. */
  sweep(now: number): void {
    for (const round of this.#open) if (now - round.publishedAt > PATIENCE_MS) this.#finish(round, "unfinished");
  }

  /** The newest changes, newest first. */
  recent(): readonly Change[] {
    return this.#kept.toReversed();
  }

  #settle(debtor: Debtor, debts: readonly Debt[]): void {
    if (!debts.some(isPaid)) return;
    const left = debts.filter((debt) => !isPaid(debt));
    if (left.length === 0) this.#debts.delete(debtor);
    else this.#debts.set(debtor, left);
    for (const debt of debts) if (isPaid(debt)) this.#pay(debtor, debt);
  }

  #pay(debtor: Debtor, { round, wasSent, isRefused }: Debt): void {
    round.owing -= 1;
    if (wasSent && round.state === "spreading") {
      if (isRefused) round.refused += 1;
      else round.acked += 1;
      round.lastAckMs = this.#clock.now() - round.reportedAt;
      round.slowest = { stream: debtor.id, nodeId: debtor.node.id };
    }
    this.#finishWhenDone(round);
  }

  #finishWhenDone(round: Round): void {
    if (round.isTold && round.owing === 0) this.#finish(round, "done");
  }

  #finish(round: Round, state: "done" | "unfinished"): void {
    if (!this.#open.delete(round)) return;
    round.state = state;
    if (state === "unfinished") this.#metrics.unfinishedChanges.inc();
    else if (round.lastAckMs !== undefined) this.#observe(round, "last_ack", round.lastAckMs);
  }

  #observe({ objectAgeMs }: Round, to: "publish" | "last_ack", ms: number): void {
    const { convergenceSeconds } = this.#metrics;
    convergenceSeconds.observe({ from: "report", to }, ms / 1000);
    if (objectAgeMs !== undefined) convergenceSeconds.observe({ from: "object", to }, (objectAgeMs + ms) / 1000);
  }
}
