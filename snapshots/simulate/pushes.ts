/** What the clients that are connected would be sent. */
import { type ZoneClass, type ZoneKey, zoneKey } from "../balance/zone.ts";
import type { Changes } from "../changes.ts";
import type { ClientKind } from "../resources/client-kind.ts";
import type { Snapshot } from "../snapshot.ts";
import type { TypeUrl } from "../type-url.ts";
import { viewOf } from "../view.ts";

/** One stream, as far as it decides what it is sent. */
export interface Subscriber {
  readonly kind: ClientKind;
  readonly zoneClass: ZoneClass;
}

/** Who is connected. */
export interface Audience {
  readonly size: number;
  /** Those who ask for this name, or for everything of the type. */
  subscribers(typeUrl: TypeUrl, name: string): Iterable<Subscriber>;
  /** Streams that ask for the assignment of a cluster, by zone; those of unknown zone are left out. */
  streams(cluster: string): ReadonlyMap<ZoneKey, number>;
}

/** Nobody is connected. */
export const NOBODY: Audience = { size: 0, subscribers: () => [], streams: () => new Map() };

/** Streams that are sent something, in all and of each type, and by the name of the resource. */
export interface Pushes {
  readonly streams: number;
  readonly byType: ReadonlyMap<TypeUrl, number>;
  readonly byName: ReadonlyMap<string, number>;
}

/** Before and after. */
interface Pair {
  readonly before: Snapshot;
  readonly after: Snapshot;
}

const isIn = ({ zoneClass }: Subscriber, zones: ReadonlySet<ZoneKey>): boolean =>
  zoneClass.kind === "known" && zones.has(zoneKey(zoneClass.zone));

/** Versions tell: what is the same for one client is not sent to it, though it is another for others. */
function receives({ before, after }: Pair, typeUrl: TypeUrl, name: string, { zoneClass, kind }: Subscriber): boolean {
  const versionIn = (snapshot: Snapshot): string | undefined =>
    viewOf(snapshot, zoneClass, kind).get(typeUrl, name)?.version;
  return versionIn(before) !== versionIn(after);
}

/** Those who are sent something, by name, of each type. */
type Receivers = readonly (readonly [typeUrl: TypeUrl, name: string, streams: readonly Subscriber[]])[];

const together = (lists: Iterable<Receivers[number]>): number =>
  new Set([...lists].flatMap(([, , streams]) => streams)).size;

/** How many different ones, by type or by name. */
const counted = <K>(receivers: Receivers, keyOf: (one: Receivers[number]) => K): ReadonlyMap<K, number> =>
  new Map([...Map.groupBy(receivers, keyOf)].map(([key, own]) => [key, together(own)]));

/** Who would be sent something if one snapshot followed the other. Clients in zones that are gone are not there to be sent it. */
export function pushesBetween(
  pair: Pair,
  changes: Changes,
  { subscribers }: Audience,
  gone: ReadonlySet<ZoneKey>,
): Pushes {
  const reached = (typeUrl: TypeUrl, name: string): readonly Subscriber[] =>
    [...subscribers(typeUrl, name)].filter((one) => !isIn(one, gone) && receives(pair, typeUrl, name, one));
  const all = [...changes].flatMap(([typeUrl, names]) =>
    names.map((name): Receivers[number] => [typeUrl, name, reached(typeUrl, name)]),
  );
  const receivers = all.filter(([, , streams]) => streams.length > 0);
  return {
    streams: together(receivers),
    byType: counted(receivers, ([typeUrl]) => typeUrl),
    byName: counted(receivers, ([, name]) => name),
  };
}
