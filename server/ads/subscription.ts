/** What one stream asks for, of one type. State of the world restates it, delta amends it; what it means is the same. */

import { emptyTable, type Table } from "../../snapshots/table.ts";
import { WILDCARD } from "../roster.ts";

export interface Subscription {
  /** Everything of the type, by `*` or by an empty first list (legacy). */
  readonly wildcard: boolean;
  /** The names, without `*`. */
  readonly names: Table<true>;
  /** A name, `*` included, was once sent: from then on an empty list is no wildcard (S15). */
  readonly hasNamed: boolean;
  /** The list of the newest request, to see cheaply that it is repeated; undefined before the first request. */
  readonly list: readonly string[] | undefined;
}

/** What an empty list and `*` mean for this type and client. */
export interface WildcardRules {
  /** The type has a wildcard at all: Listener and Cluster (S14, S37). */
  readonly allowed: boolean;
  /** The client may ask for everything by an empty first list (S36). */
  readonly legacy: boolean;
}

export interface SubscriptionChange {
  readonly subscription: Subscription;
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly wildcard: "began" | "ended" | "same";
}

export const NO_SUBSCRIPTION: Subscription = {
  wildcard: false,
  names: emptyTable(),
  hasNamed: false,
  list: undefined,
};

const sameList = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((name, at) => name === b[at]);

const isName = (name: string): boolean => name !== "" && name !== WILDCARD;

const wildcardChange = (before: boolean, after: boolean): SubscriptionChange["wildcard"] => {
  if (before === after) return "same";
  return after ? "began" : "ended";
};

const unchanged = (subscription: Subscription): SubscriptionChange => ({
  subscription,
  added: [],
  removed: [],
  wildcard: "same",
});

/** Wildcard after a request that lists `names`, in state of the world: by `*`, or by silence of who never named anything. */
const restatedWildcard = ({ hasNamed }: Subscription, names: readonly string[], rules: WildcardRules): boolean =>
  rules.allowed && (names.includes(WILDCARD) || (rules.legacy && !hasNamed && names.every((name) => name === "")));

/** State of the world: the names of the newest request replace the subscription, compared as a set (S10). */
export function restate(before: Subscription, names: readonly string[], rules: WildcardRules): SubscriptionChange {
  if (before.list !== undefined && sameList(before.list, names)) return unchanged(before);
  const wildcard = restatedWildcard(before, names, rules);
  const wanted = new Set(names.filter(isName));
  const added = [...wanted].filter((name) => !before.names.has(name));
  const removed = wanted.size === before.names.size + added.length ? [] : without(before.names, wanted);
  return {
    subscription: {
      wildcard,
      names: changedNames(before.names, added, removed),
      hasNamed: before.hasNamed || names.some((name) => name !== ""),
      list: names,
    },
    added,
    removed,
    wildcard: wildcardChange(before.wildcard, wildcard),
  };
}

const without = (names: Table<true>, wanted: ReadonlySet<string>): readonly string[] =>
  [...names.keys()].filter((name) => !wanted.has(name));

function changedNames(names: Table<true>, added: readonly string[], removed: readonly string[]): Table<true> {
  if (added.length === 0 && removed.length === 0) return names;
  const changes: (readonly [string, true | undefined])[] = [];
  for (const name of removed) changes.push([name, undefined]);
  for (const name of added) changes.push([name, true]);
  return names.with(changes);
}

export interface Amendment {
  readonly subscribe: readonly string[];
  readonly unsubscribe: readonly string[];
}

const amendedWildcard = (
  before: Subscription,
  { subscribe, unsubscribe }: Amendment,
  rules: WildcardRules,
): boolean => {
  if (!rules.allowed) return false;
  if (subscribe.includes(WILDCARD)) return true;
  if (unsubscribe.includes(WILDCARD)) return false;
  const legacy = before.list === undefined && rules.legacy && subscribe.every((name) => name === "");
  return before.wildcard || legacy;
};

/** Delta: names come and go one by one (D1, D2). A name that is both subscribed and unsubscribed is subscribed. */
export function amend(before: Subscription, amendment: Amendment, rules: WildcardRules): SubscriptionChange {
  const { subscribe, unsubscribe } = amendment;
  if (before.list !== undefined && subscribe.length === 0 && unsubscribe.length === 0) return unchanged(before);
  const wildcard = amendedWildcard(before, amendment, rules);
  const asked = new Set(subscribe.filter(isName));
  const added = [...asked].filter((name) => !before.names.has(name));
  const removed = [...new Set(unsubscribe)].filter((name) => before.names.has(name) && !asked.has(name));
  return {
    subscription: {
      wildcard,
      names: changedNames(before.names, added, removed),
      hasNamed: before.hasNamed || subscribe.some((name) => name !== ""),
      list: [],
    },
    added,
    removed,
    wildcard: wildcardChange(before.wildcard, wildcard),
  };
}
