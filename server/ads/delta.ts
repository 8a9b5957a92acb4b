/** Delta: one step of one type on one stream. Pure; sibling of sotw.ts, with the same names inside. */
import { compare } from "../../snapshots/order.ts";
import type { Resource } from "../../snapshots/resources/resource.ts";
import { emptyTable, type Table, tableOf } from "../../snapshots/table.ts";
import { CLUSTER, isFullState } from "../../snapshots/type-url.ts";
import { deltaBytes, removedBytes } from "./encode.ts";
import {
  type Flight,
  GONE,
  hear,
  holding,
  type InFlight,
  isIdle,
  NOTHING_SENT,
  type Told,
  withFlight,
} from "./in-flight.ts";
import { portion } from "./split.ts";
import { joinNames, type Names, NO_NAMES, nothing, type Sight, type Step, type TypeEvent } from "./step.ts";
import { amend, NO_SUBSCRIPTION, type Subscription, type SubscriptionChange } from "./subscription.ts";

export interface DeltaRequest {
  readonly nonce: string;
  readonly error: string | undefined;
  readonly subscribe: readonly string[];
  readonly unsubscribe: readonly string[];
  /** What the client held when it connected: name to version. Read in the first request of a type only (D3). */
  readonly initialVersions: ReadonlyMap<string, string>;
}

/** By name; `GONE` where the client was told that there is none. */
type Versions = Table<string>;

interface Sent {
  readonly nonce: string;
  readonly version: string;
}

/** Subscriptions and known versions are kept apart (D18), and so are the three things known of a version (D17). */
export interface DeltaState {
  readonly subscription: Subscription;
  /** What the client holds. */
  readonly acked: Versions;
  /** On its way, not answered; by the newest response that has the name. */
  readonly sent: Table<Sent>;
  /** Rejected; not sent again until there is another (D11). */
  readonly refused: Versions;
  readonly inFlight: InFlight;
  /** Asked for, or the rest of a response that was full: looked at without waiting for an ACK. */
  readonly owed: Names;
  /** Those of `owed` that are sent even if the client holds them (D5). */
  readonly forced: readonly string[];
  /** A wildcard began and was not answered yet: if it brings nothing, then with that (D16). */
  readonly began: boolean;
  /** Perhaps changed: looked at once the newest response was answered (S25). */
  readonly dirty: Names;
  /** Gone, and to be taken away once the other types are through (B1). */
  readonly removals: readonly string[];
}

export const initialDelta: DeltaState = {
  subscription: NO_SUBSCRIPTION,
  acked: emptyTable(),
  sent: emptyTable(),
  refused: emptyTable(),
  inFlight: NOTHING_SENT,
  owed: [],
  forced: [],
  began: false,
  dirty: [],
  removals: [],
};

/** What to send on `event`, and what is known afterwards. */
export function stepDelta(state: DeltaState, event: TypeEvent<DeltaRequest>, sight: Sight): Step<DeltaState> {
  switch (event.kind) {
    case "request":
      return onRequest(state, event, sight);
    case "changed":
      return send({ ...state, dirty: joinNames(state.dirty, event.names) }, sight);
    case "warmed":
      return send(warm(state, event.names), sight);
  }
}

/** The client waits for these again, whether they changed or not. */
function warm(state: DeltaState, names: Names): DeltaState {
  const forgotten = names === "all" ? [...state.subscription.names.keys()] : names;
  return { ...forget(state, forgotten), dirty: joinNames(state.dirty, names) };
}

function onRequest(state: DeltaState, request: DeltaRequest, sight: Sight): Step<DeltaState> {
  const { inFlight, verdict, flight } = hear(state.inFlight, request, sight.now);
  const heard = flight === undefined ? state : answered({ ...state, inFlight }, flight, verdict);
  const rules = { allowed: isFullState(sight.typeUrl), legacy: sight.legacyWildcard };
  const change = amend(state.subscription, request, rules);
  const next = withChange(heard, change, { ...request, now: sight.now });
  return { ...send(next, sight), verdict, flight, change };
}

/** What is known advances on ACK and is rolled back on NACK (D17); of what was sent again meanwhile, the newer decides. */
function answered(state: DeltaState, { nonce, told }: Flight, verdict: "acked" | "refused" | "none"): DeltaState {
  const newest = told.filter(([name]) => state.sent.get(name)?.nonce === nonce);
  const sent = state.sent.with(newest.map(([name]) => [name, undefined] as const));
  if (verdict === "refused") return { ...state, sent, refused: state.refused.with(newest) };
  const acked = state.acked.with(told.map((one) => [one[0], isKept(state, one) ? one[1] : undefined] as const));
  return { ...state, sent, acked, refused: state.refused.with(told.map(([name]) => [name, undefined] as const)) };
}

/** What nobody asks for any more is not kept, nor is the absence of what only a wildcard asked for. */
const isKept = ({ subscription: { names, wildcard } }: DeltaState, [name, version]: Told): boolean =>
  names.has(name) || (wildcard && version !== GONE);

/** A request, and when it came. */
interface Timed extends DeltaRequest {
  readonly now: number;
}

function withChange(state: DeltaState, change: SubscriptionChange, request: Timed): DeltaState {
  const { subscription, removed, wildcard } = change;
  if (state.subscription.list === undefined) return firstOf({ ...state, subscription }, request);
  const subscribed = request.subscribe.filter((name) => subscription.names.has(name));
  const kept = { ...forget(state, dropped(state, change)), subscription };
  // Under a wildcard, an unsubscribed name is answered: it still matches, or the client must hear that it does not (D7).
  const asked = subscription.wildcard ? [...subscribed, ...removed] : subscribed;
  const begun: DeltaState = wildcard === "began" ? { ...kept, began: true, owed: "all" } : kept;
  if (asked.length === 0) return begun;
  return { ...begun, owed: joinNames(begun.owed, asked), forced: [...state.forced, ...asked] };
}

/** Names of which the client keeps nothing, or is to be told again that there is none. */
function dropped(state: DeltaState, { subscription, removed, wildcard }: SubscriptionChange): readonly string[] {
  if (subscription.wildcard) return removed.filter((name) => !isHeldByClient(state, name));
  if (wildcard !== "ended") return removed;
  return [...state.acked.keys(), ...state.sent.keys(), ...state.refused.keys()].filter(
    (name) => !subscription.names.has(name),
  );
}

/** `state` as if nothing had been told of `names`. */
function forget(state: DeltaState, names: readonly string[]): DeltaState {
  if (names.length === 0) return state;
  const gone = names.map((name) => [name, undefined] as const);
  return {
    ...state,
    acked: state.acked.with(gone),
    sent: state.sent.with(gone),
    refused: state.refused.with(gone),
  };
}

/** The first request of a type says what the client still holds; it subscribes to nothing by that (D3). */
function firstOf(state: DeltaState, { initialVersions, now }: Timed): DeltaState {
  const { names, wildcard } = state.subscription;
  const held = [...initialVersions].filter(([name]) => wildcard || names.has(name));
  const inFlight = held.length === 0 ? state.inFlight : holding(state.inFlight, "", now);
  return { ...state, acked: tableOf(held), inFlight, owed: "all", began: wildcard };
}

function* everyName(
  { subscription, acked, sent, refused, inFlight }: DeltaState,
  { view, typeUrl }: Sight,
): Iterable<string> {
  yield* subscription.names.keys();
  if (!subscription.wildcard) return;
  for (const { name } of view.all(typeUrl)) yield name;
  yield* acked.keys();
  yield* sent.keys();
  yield* refused.keys();
  for (const { told } of inFlight.unanswered) for (const [name] of told) yield name;
}

/** The names to look at now. */
function dueNames(state: DeltaState, idle: boolean, sight: Sight): readonly string[] {
  const { owed, forced, dirty, removals } = state;
  const due = idle ? joinNames(owed, joinNames(dirty, removals)) : owed;
  return due === "all" ? [...forced, ...everyName(state, sight)] : due;
}

const isDue = ({ owed, began, dirty, removals }: DeltaState, idle: boolean): boolean =>
  owed.length > 0 || began || (idle && dirty.length + removals.length > 0);

function send(state: DeltaState, sight: Sight): Step<DeltaState> {
  const idle = isIdle(state.inFlight);
  if (!sight.writable || !isDue(state, idle)) return nothing(state);
  const due = dueNames(state, idle, sight);
  const forced = new Set(state.forced);
  const held = new Set(state.removals);
  const lost: string[] = [];
  const looking = { ...sight, forced, held, lost };
  const { items, rest, oversized } = portion(due, (name) => look(state, name, looking), itemBytes);
  const settled: DeltaState = {
    ...state,
    owed: rest,
    forced: rest.filter((name) => forced.has(name)),
    began: false,
    dirty: idle ? [] : state.dirty,
    removals: [...held],
    refused: lost.length === 0 ? state.refused : state.refused.with(lost.map((name) => [name, undefined] as const)),
  };
  const isFirstWord = state.began && state.acked.size === 0 && state.sent.size === 0;
  if (items.length === 0 && !isFirstWord) return { ...nothing(settled), oversized };
  return { ...sending(settled, sight, items), oversized };
}

/** What is sent of a name: the resource, or the name itself as removed. */
type Item = Resource | string;

const itemBytes = (item: Item): number => (typeof item === "string" ? removedBytes(item) : deltaBytes(item));

interface Looking extends Sight {
  /** Sent even if the client holds it. */
  readonly forced: ReadonlySet<string>;
  /** Gone, but not to be taken away yet. Kept up to date here. */
  readonly held: Set<string>;
  /** Gone, and of no matter to the client: what it refused of them is forgotten. Filled here. */
  readonly lost: string[];
}

function look(state: DeltaState, name: string, looking: Looking): Item | undefined {
  const { forced, held, lost, holdRemovals } = looking;
  const resource = matching(state.subscription, name, looking);
  held.delete(name);
  if (resource !== undefined) return isWanted(state, resource.version, name, forced) ? resource : undefined;
  if (!isMissed(state, name, forced)) {
    if (isRefusedInVain(state, name)) lost.push(name);
    return undefined;
  }
  if (!holdRemovals || forced.has(name) || !isHeldByClient(state, name)) return name;
  held.add(name);
  return undefined;
}

/** What the subscription has under a name. Only listeners have names that a wildcard leaves out: API listeners (S14). */
function matching({ names, wildcard }: Subscription, name: string, { view, typeUrl }: Sight): Resource | undefined {
  if (names.has(name) || (wildcard && typeUrl === CLUSTER)) return view.get(typeUrl, name);
  return wildcard ? view.all(typeUrl).find((resource) => resource.name === name) : undefined;
}

const known = ({ sent, acked }: DeltaState, name: string): string | undefined =>
  sent.get(name)?.version ?? acked.get(name);

const isHeldByClient = (state: DeltaState, name: string): boolean => (known(state, name) ?? GONE) !== GONE;

/** Not held, not on its way, not rejected; or held and asked for again (D5). */
const isWanted = (state: DeltaState, version: string, name: string, forced: ReadonlySet<string>): boolean =>
  state.refused.get(name) !== version &&
  (known(state, name) !== version || (forced.has(name) && state.sent.get(name)?.version !== version));

/** Absence is told once (D6, D12), and to nobody who neither asked for the name nor has it. */
function isMissed(state: DeltaState, name: string, forced: ReadonlySet<string>): boolean {
  if (state.refused.get(name) === GONE) return false;
  const version = known(state, name);
  if (version !== undefined) return version !== GONE;
  return forced.has(name) || state.subscription.names.has(name) || isArriving(state, name);
}

/** It was refused, and is neither held by the client nor asked for by name. */
const isRefusedInVain = (state: DeltaState, name: string): boolean =>
  state.refused.get(name) !== undefined && !state.subscription.names.has(name) && !isHeldByClient(state, name);

/** It was sent before its subscription ended, and has not arrived: a client that subscribed anew takes it for valid. */
const isArriving = ({ inFlight }: DeltaState, name: string): boolean =>
  inFlight.unanswered.some(({ told }) => told.some(([one, version]) => one === name && version !== GONE));

/** The step that sends it, recorded before it goes out. */
function sending(state: DeltaState, { nonce, now, typeUrl }: Sight, items: readonly Item[]): Step<DeltaState> {
  const resources = items.filter((item) => typeof item !== "string");
  const removed = items.filter((item) => typeof item === "string").sort(compare);
  const told = [
    ...resources.map(({ name, version }): Told => [name, version]),
    ...removed.map((name): Told => [name, GONE]),
  ];
  const { inFlight, forgotten } = withFlight(state.inFlight, { nonce, version: "", at: now, told });
  const lost = forgotten.flatMap((flight) =>
    flight.told.filter(([name]) => state.sent.get(name)?.nonce === flight.nonce),
  );
  const changes = [
    ...lost.map(([name]) => [name, undefined] as const),
    ...told.map(([name, version]) => [name, { nonce, version }] as const),
  ];
  return {
    ...nothing({ ...state, sent: state.sent.with(changes), inFlight }),
    response: { nonce, version: "", resources, removed },
    renewed: isFullState(typeUrl) ? resources.map(({ name }) => name) : NO_NAMES,
  };
}
