/** State of the world: one step of one type on one stream. Pure; sibling of delta.ts, with the same names inside. */
import { compare } from "../../snapshots/order.ts";
import type { Resource } from "../../snapshots/resources/resource.ts";
import { emptySet, type SetVersion, setVersion, withMember } from "../../snapshots/resources/version.ts";
import { emptyTable, type Table, tableOf } from "../../snapshots/table.ts";
import { isFullState } from "../../snapshots/type-url.ts";
import { sotwBytes } from "./encode.ts";
import {
  hear,
  holding,
  type InFlight,
  isIdle,
  isStale,
  NOTHING_SENT,
  NOTHING_TOLD,
  type Outgoing,
  withFlight,
} from "./in-flight.ts";
import { MAX_BYTES, portion } from "./split.ts";
import { joinNames, type Names, NO_NAMES, nothing, type Sight, type Step, type TypeEvent } from "./step.ts";
import { NO_SUBSCRIPTION, restate, type Subscription, type SubscriptionChange } from "./subscription.ts";

export interface SotwRequest {
  readonly version: string;
  readonly nonce: string;
  readonly error: string | undefined;
  readonly names: readonly string[];
}

export interface SotwState {
  readonly subscription: Subscription;
  /** What was last sent of each name. Forgotten on unsubscribe, so that asking again sends again (S11). */
  readonly sent: Table<Resource>;
  /** Always the version of `sent`. */
  readonly set: SetVersion;
  readonly inFlight: InFlight;
  /** Not named by a stale request: the client let go of them in between, so they are new when named again (B16). */
  readonly lapsed: readonly string[];
  /** Newly asked for: answered without waiting for an ACK. */
  readonly owed: Names;
  /** Perhaps changed: looked at once the newest response was answered (S25). */
  readonly dirty: Names;
  /** Gone, and to be taken away once the other types are through (B1). */
  readonly removals: readonly string[];
}

export const initialSotw: SotwState = {
  subscription: NO_SUBSCRIPTION,
  sent: emptyTable(),
  set: emptySet,
  inFlight: NOTHING_SENT,
  lapsed: NO_NAMES,
  owed: NO_NAMES,
  dirty: NO_NAMES,
  removals: NO_NAMES,
};

/** What to send on `event`, and what is known afterwards. */
export function stepSotw(state: SotwState, event: TypeEvent<SotwRequest>, sight: Sight): Step<SotwState> {
  switch (event.kind) {
    case "request":
      return onRequest(state, event, sight);
    case "changed":
      return send(event.names.length === 0 ? state : { ...state, dirty: joinNames(state.dirty, event.names) }, sight);
    case "warmed":
      return send(warm(state, event.names), sight);
  }
}

/** The client waits for these again, whether they changed or not. */
function warm(state: SotwState, names: Names): SotwState {
  return { ...forget(state, namesOf(state, names)), dirty: joinNames(state.dirty, names) };
}

function onRequest(state: SotwState, request: SotwRequest, sight: Sight): Step<SotwState> {
  const { inFlight, verdict, flight } = hear(state.inFlight, request, sight.now);
  const heard = inFlight === state.inFlight ? state : { ...state, inFlight };
  if (isStale(inFlight, request.nonce)) {
    return { ...nothing(withLapsed(heard, request.names)), verdict: "stale", flight };
  }
  const rules = { allowed: isFullState(sight.typeUrl), legacy: sight.legacyWildcard };
  const change = restate(state.subscription, request.names, rules);
  const next = holdsAll(state, change, request, sight) ?? withChange(heard, change, sight);
  return { ...send(next, sight), verdict, flight, change };
}

/** A stale request changes no subscription (S7), but what it lacks the client will need again. */
function withLapsed(state: SotwState, names: readonly string[]): SotwState {
  const named = new Set(names);
  const lapsed = [...state.subscription.names.keys()].filter((name) => !named.has(name));
  return lapsed.length === 0 ? state : { ...state, lapsed: [...new Set([...state.lapsed, ...lapsed])] };
}

function withChange(state: SotwState, change: SubscriptionChange, sight: Sight): SotwState {
  const { subscription, added, removed, wildcard } = change;
  const { lapsed } = state;
  if (subscription === state.subscription && lapsed.length === 0) return state;
  const gone = wildcard === "ended" ? unsubscribed(state, subscription) : removed;
  const kept = forget(state, [...(subscription.wildcard ? [] : gone), ...lapsed]);
  const owed = wildcard === "began" && isFullState(sight.typeUrl) ? "all" : [...added, ...lapsed];
  return { ...kept, subscription, lapsed: NO_NAMES, owed: joinNames(state.owed, owed) };
}

const unsubscribed = ({ sent }: SotwState, { names }: Subscription): readonly string[] =>
  [...sent.keys()].filter((name) => !names.has(name));

/** `state` as if `names` had never been sent. */
function forget(state: SotwState, names: readonly string[]): SotwState {
  const had = names.flatMap((name) => state.sent.get(name) ?? []);
  if (had.length === 0) return state;
  return {
    ...state,
    sent: state.sent.with(had.map(({ name }) => [name, undefined])),
    set: had.reduce((set, resource) => withMember(set, resource, undefined), state.set),
  };
}

/**
 * After a reconnect, a client that subscribes to everything and shows the present version holds everything (S27).
 * That is not so with names, since responses of them may have been partial.
 */
function holdsAll(state: SotwState, change: SubscriptionChange, request: SotwRequest, sight: Sight) {
  const isFirst = state.subscription.list === undefined;
  const { subscription } = change;
  if (!isFirst || request.version === "" || !subscription.wildcard || subscription.names.size > 0) return undefined;
  const { sent, set } = wantedSet({ ...state, subscription }, sight);
  if (setVersion(set) !== request.version) return undefined;
  return { ...state, subscription, sent, set, inFlight: holding(state.inFlight, request.version, sight.now) };
}

const isDue = ({ inFlight, owed, dirty }: SotwState): boolean =>
  owed.length > 0 || (dirty.length > 0 && isIdle(inFlight));

function send(state: SotwState, sight: Sight): Step<SotwState> {
  if (!sight.writable) return nothing(state);
  if (!isFullState(sight.typeUrl)) return isDue(state) ? sendSome(state, sight) : nothing(state);
  return isDue(state) || (state.removals.length > 0 && isIdle(state.inFlight)) ? sendAll(state, sight) : nothing(state);
}

/** Routes and assignments: only what the client does not have (S17), never an empty response (S18). */
function sendSome(state: SotwState, sight: Sight): Step<SotwState> {
  const idle = isIdle(state.inFlight);
  const due = idle ? joinNames(state.owed, state.dirty) : state.owed;
  const gone: string[] = [];
  const { items, rest, oversized } = portion(namesOf(state, due), (name) => look(state, name, sight, gone), sotwBytes);
  const settled = forget({ ...state, owed: rest, dirty: idle ? NO_NAMES : state.dirty }, gone);
  if (items.length === 0) return { ...nothing(settled), oversized };
  return sending(withSent(settled, items), sight, { resources: items, renewed: NO_NAMES, oversized });
}

const withSent = (state: SotwState, items: readonly Resource[]): SotwState => ({
  ...state,
  sent: state.sent.with(items.map((resource) => [resource.name, resource])),
  set: items.reduce((set, next) => withMember(set, state.sent.get(next.name), next), state.set),
});

const namesOf = ({ subscription }: SotwState, names: Names): readonly string[] =>
  names === "all" ? [...subscription.names.keys()] : names;

/** What exists of a subscribed name, if it is not what was last sent of it. Adds to `gone` what does not exist. */
function look({ subscription, sent }: SotwState, name: string, { view, typeUrl }: Sight, gone: string[]) {
  if (!subscription.names.has(name)) return undefined;
  const resource = view.get(typeUrl, name);
  if (resource === undefined) gone.push(name);
  return resource !== undefined && isNew(sent, resource) ? resource : undefined;
}

const isNew = (sent: Table<Resource>, resource: Resource): boolean => {
  const before = sent.get(resource.name);
  return before !== resource && before?.version !== resource.version;
};

interface WantedSet {
  readonly resources: readonly Resource[];
  readonly sent: Table<Resource>;
  readonly set: SetVersion;
  /** Gone, but kept in `resources` for now. */
  readonly removals: readonly string[];
}

/** Everything that is subscribed and exists, by name. */
function existing({ wildcard, names }: Subscription, { view, typeUrl }: Sight): Map<string, Resource> {
  const wanted = new Map<string, Resource>();
  for (const resource of wildcard ? view.all(typeUrl) : []) wanted.set(resource.name, resource);
  for (const name of names.keys()) {
    const resource = view.get(typeUrl, name);
    if (resource !== undefined) wanted.set(name, resource);
  }
  return wanted;
}

/** What a complete response has, in order of name: what exists, and (for now) what is gone but must wait to be. */
function wantedSet({ subscription, sent: before }: SotwState, sight: Sight): WantedSet {
  const wanted = existing(subscription, sight);
  const gone = sight.holdRemovals ? [...before.entries()].filter(([name]) => !wanted.has(name)) : [];
  for (const [name, resource] of gone) wanted.set(name, resource);
  const resources = [...wanted.values()].sort((a, b) => compare(a.name, b.name));
  return {
    resources,
    sent: tableOf(wanted),
    set: resources.reduce((set, resource) => withMember(set, undefined, resource), emptySet),
    removals: gone.map(([name]) => name),
  };
}

/** Listeners and clusters: the complete set, in one response (S16), even an empty one (S20). */
function sendAll(state: SotwState, sight: Sight): Step<SotwState> {
  const { resources, sent, set, removals } = wantedSet(state, sight);
  const settled = { ...state, owed: NO_NAMES, dirty: isIdle(state.inFlight) ? NO_NAMES : state.dirty, removals };
  if (state.owed.length === 0 && setVersion(set) === setVersion(state.set)) return nothing(settled);
  if (resources.reduce((bytes, resource) => bytes + sotwBytes(resource), 0) > MAX_BYTES) {
    return { ...nothing(settled), tooLarge: true };
  }
  const renewed = resources.filter((resource) => isNew(state.sent, resource)).map(({ name }) => name);
  return sending({ ...settled, dirty: NO_NAMES, sent, set }, sight, { resources, renewed, oversized: NO_NAMES });
}

interface Sending {
  readonly resources: readonly Resource[];
  readonly renewed: readonly string[];
  readonly oversized: readonly string[];
}

let lastSet = emptySet;
let lastVersion = setVersion(emptySet);

/** Remembers the newest, since a change goes out to many streams that have the same set. */
function versionOf(set: SetVersion): string {
  if (set.high === lastSet.high && set.low === lastSet.low) return lastVersion;
  lastSet = set;
  lastVersion = setVersion(set);
  return lastVersion;
}

/** The step that sends it, recorded before it goes out. */
function sending(state: SotwState, { nonce, now }: Sight, { resources, renewed, oversized }: Sending): Step<SotwState> {
  const version = versionOf(state.set);
  const { inFlight } = withFlight(state.inFlight, { nonce, version, at: now, told: NOTHING_TOLD });
  const response: Outgoing = { nonce, version, resources, removed: NO_NAMES };
  return { ...nothing({ ...state, inFlight }), response, renewed, oversized };
}
