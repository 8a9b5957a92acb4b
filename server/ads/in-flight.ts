/** Responses of one type on one stream, and what the client said of them. Shared by both variants. */
import type { Resource } from "../../snapshots/resources/resource.ts";

/** One discovery response before it has bytes. */
export interface Outgoing {
  readonly nonce: string;
  /** The version of the subscribed set (S26); empty in delta, where each resource has its own. */
  readonly version: string;
  readonly resources: readonly Resource[];
  /** Delta only. */
  readonly removed: readonly string[];
}

/** A name, and the version that was sent of it; `GONE` where its absence was. */
export type Told = readonly [name: string, version: string];
export const GONE = "";
export const NOTHING_TOLD: readonly Told[] = [];

/** What is kept of a response until it is answered. */
export interface Flight {
  readonly nonce: string;
  readonly version: string;
  /** When it was made; milliseconds that only grow. */
  readonly at: number;
  /** Delta only: what the client holds once it acknowledges. */
  readonly told: readonly Told[];
}

export interface InFlight {
  /** The nonce of the newest response, answered or not; empty before the first. */
  readonly newest: string;
  /** Oldest first. */
  readonly unanswered: readonly Flight[];
  readonly sent: Moment | undefined;
  readonly acked: Moment | undefined;
  /** The newest NACK with its text in full (S32), until a later response is acknowledged. */
  readonly refused: (Moment & { readonly message: string }) | undefined;
}

/** A version, and when; milliseconds that only grow. */
export interface Moment {
  readonly version: string;
  readonly at: number;
}

export const NOTHING_SENT: InFlight = {
  newest: "",
  unanswered: [],
  sent: undefined,
  acked: undefined,
  refused: undefined,
};

/** `inFlight` of a client that has held `version` since before it connected: as if it had been sent, and acknowledged, now. */
export const holding = (inFlight: InFlight, version: string, now: number): InFlight => {
  const moment = { version, at: now };
  return { ...inFlight, sent: moment, acked: moment };
};

/** A client that asks and never answers is remembered this much; what is older counts as never sent. */
const MAX_FLIGHTS = 256;
const MAX_TOLD = 400_000;

/** The newest response was answered, so a push may follow (S25). */
export const isIdle = ({ newest, unanswered }: InFlight): boolean =>
  unanswered.length === 0 || unanswered.at(-1)?.nonce !== newest;

/** Answers an older response. An empty nonce is never stale, nor is any while nothing was sent on this stream (S2, S7, S10). */
export const isStale = ({ newest }: InFlight, nonce: string): boolean =>
  newest !== "" && nonce !== "" && nonce !== newest;

/** `inFlight` with one more on its way, and the oldest that had to be forgotten for it. */
export function withFlight({ unanswered: before, acked, refused }: InFlight, flight: Flight) {
  const all = before.length === 0 ? [flight] : [...before, flight];
  const excess = excessOf(all);
  const unanswered = excess === 0 ? all : all.slice(excess);
  const inFlight: InFlight = { newest: flight.nonce, unanswered, sent: flight, acked, refused };
  return { inFlight, forgotten: excess === 0 ? [] : all.slice(0, excess) };
}

/** How many of the oldest are too many. The newest always stays. */
function excessOf(flights: readonly Flight[]): number {
  if (flights.length === 1) return 0;
  let excess = Math.max(0, flights.length - MAX_FLIGHTS);
  let told = flights.reduce((sum, flight) => sum + flight.told.length, 0);
  for (let at = 0; told > MAX_TOLD && at < flights.length - 1; at += 1) {
    told -= flights[at]?.told.length ?? 0;
    excess = Math.max(excess, at + 1);
  }
  return excess;
}

/** What a request says about an earlier response. */
export interface Answer {
  readonly nonce: string;
  /** State of the world: the version that the client holds. */
  readonly version?: string;
  /** The text of `error_detail`, where the request has one (S6). */
  readonly error: string | undefined;
}

export interface Heard {
  readonly inFlight: InFlight;
  readonly verdict: "acked" | "refused" | "none";
  /** The response that was answered. */
  readonly flight: Flight | undefined;
}

/** Each response is answered once: what repeats an answered nonce is no answer (S4, S8, S9). */
export function hear(before: InFlight, answer: Answer, now: number): Heard {
  const at = before.unanswered.findIndex(({ nonce }) => nonce === answer.nonce);
  const flight = before.unanswered[at];
  const isOther = answer.error === undefined && answer.version !== undefined && answer.version !== flight?.version;
  if (flight === undefined || isOther) return { inFlight: before, verdict: "none", flight: undefined };
  const { newest, sent } = before;
  const { version } = flight;
  const unanswered = withoutFlight(before.unanswered, at, answer);
  if (answer.error !== undefined) {
    const refused = { message: answer.error, version, at: now };
    return { inFlight: { newest, unanswered, sent, acked: before.acked, refused }, verdict: "refused", flight };
  }
  const acked = { version, at: now };
  return { inFlight: { newest, unanswered, sent, acked, refused: undefined }, verdict: "acked", flight };
}

const NONE: readonly Flight[] = [];

/** Delta answers each response; in state of the world, the answer to a newer one is the last word on the older, too. */
function withoutFlight(flights: readonly Flight[], at: number, { version }: Answer): readonly Flight[] {
  if (flights.length === 1) return NONE;
  return version === undefined ? flights.toSpliced(at, 1) : flights.slice(at + 1);
}
