import { type ZoneClass, type ZoneKey, zoneKey } from "../snapshots/balance/zone.ts";
import type { ClientKind } from "../snapshots/resources/client-kind.ts";
import { ASSIGNMENT, type TypeUrl } from "../snapshots/type-url.ts";

/** What a client says of itself, in its first request. */
export interface NodeInfo {
  readonly id: string;
  readonly cluster: string;
  readonly userAgentName: string;
  readonly userAgentVersion: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly features: readonly string[];
}

export interface Refusal {
  /** The NACK's text, in full (S32). */
  readonly message: string;
  readonly version: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** What one stream asked for, was sent and answered, of one type. Times in milliseconds since the epoch. */
export interface TypeStatus {
  readonly typeUrl: TypeUrl;
  readonly wildcard: boolean;
  readonly names: readonly string[];
  readonly sentVersion?: string;
  readonly sentAt?: number;
  readonly ackedVersion?: string;
  readonly ackedAt?: number;
  /** The newest NACK, unless a later response was acknowledged. */
  readonly refused?: Refusal;
  /** Subscribed names that were not sent, since nobody has them. */
  readonly unresolved: readonly string[];
}

/** One stream. Nothing is keyed by node id: many streams share one (B17). */
export interface Member {
  /** Unique in this process. */
  readonly id: string;
  readonly node: NodeInfo;
  readonly peer: string;
  readonly variant: "sotw" | "delta";
  readonly kind: ClientKind;
  readonly zoneClass: ZoneClass;
  /** Where the zone was found: `node.locality`, `node.metadata.NODE_NAME`, …, or `unknown`. */
  readonly zoneFrom: string;
  /** Milliseconds since the epoch. */
  readonly since: number;
  status(): readonly TypeStatus[];
  /** Resources of these names may have changed. Cheap; answers are written after all members were told. */
  changed(typeUrl: TypeUrl, names: readonly string[]): void;
}

/** The name that stands for everything of a type. */
export const WILDCARD = "*";

/** Who asks for what, by name, so that a change costs work only for those who asked for it. */
export interface Roster {
  join(member: Member): void;
  /** Also ends its subscriptions. */
  leave(member: Member): void;
  subscribe(member: Member, typeUrl: TypeUrl, name: string): void;
  unsubscribe(member: Member, typeUrl: TypeUrl, name: string): void;
  /** The member's zone is another now, and with it the demand for what it asks for. */
  moved(member: Member): void;
  members(): Iterable<Member>;
  get(id: string): Member | undefined;
  readonly size: number;
  /** Name `WILDCARD` holds those who ask for everything. */
  subscribers(typeUrl: TypeUrl, name: string): ReadonlySet<Member>;
  /** All names asked for, with since when (milliseconds since the epoch). */
  names(typeUrl: TypeUrl): Iterable<{ readonly name: string; readonly since: number; readonly streams: number }>;
  /** Streams subscribed to a cluster's assignment, by zone; those of unknown zone are left out (balance.md). */
  demand(cluster: string): ReadonlyMap<ZoneKey, number>;
  /** Called with the name of a cluster whose demand may have changed. */
  onDemand(listener: (cluster: string) => void): void;
}

interface NameEntry {
  readonly since: number;
  readonly members: Set<Member>;
}

const NOBODY: ReadonlySet<Member> = new Set();

/** Who asks for which name, of each type. */
function createIndex(wall: () => number) {
  const byType = new Map<TypeUrl, Map<string, NameEntry>>();
  return {
    add: (member: Member, typeUrl: TypeUrl, name: string): void => {
      const names = byType.get(typeUrl) ?? new Map<string, NameEntry>();
      byType.set(typeUrl, names);
      const entry = names.get(name) ?? { since: wall(), members: new Set() };
      names.set(name, entry);
      entry.members.add(member);
    },
    delete: (member: Member, typeUrl: TypeUrl, name: string): void => {
      const entry = byType.get(typeUrl)?.get(name);
      entry?.members.delete(member);
      if (entry?.members.size === 0) byType.get(typeUrl)?.delete(name);
    },
    of: (typeUrl: TypeUrl, name: string): ReadonlySet<Member> => byType.get(typeUrl)?.get(name)?.members ?? NOBODY,
    names: function* (typeUrl: TypeUrl) {
      for (const [name, { since, members }] of byType.get(typeUrl) ?? []) yield { name, since, streams: members.size };
    },
  };
}

function countByZone(members: Iterable<Member>): ReadonlyMap<ZoneKey, number> {
  const counts = new Map<ZoneKey, number>();
  for (const { zoneClass } of members) {
    if (zoneClass.kind === "unknown") continue;
    const key = zoneKey(zoneClass.zone);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

export function createRoster(wall: () => number): Roster {
  const members = new Map<string, Member>();
  const held = new Map<Member, Map<TypeUrl, Set<string>>>();
  const index = createIndex(wall);
  const listeners: ((cluster: string) => void)[] = [];
  const tell = (typeUrl: TypeUrl, name: string): void => {
    if (typeUrl === ASSIGNMENT) for (const listener of listeners) listener(name);
  };
  const drop = (member: Member, typeUrl: TypeUrl, name: string): void => {
    index.delete(member, typeUrl, name);
    tell(typeUrl, name);
  };
  return {
    get size() {
      return members.size;
    },
    join: (member) => {
      members.set(member.id, member);
      held.set(member, new Map());
    },
    leave: (member) => {
      for (const [typeUrl, names] of held.get(member) ?? []) for (const name of names) drop(member, typeUrl, name);
      held.delete(member);
      members.delete(member.id);
    },
    subscribe: (member, typeUrl, name) => {
      const own = held.get(member);
      if (own === undefined) return; // it has left: a late request must not bring it back
      own.set(typeUrl, (own.get(typeUrl) ?? new Set()).add(name));
      index.add(member, typeUrl, name);
      tell(typeUrl, name);
    },
    unsubscribe: (member, typeUrl, name) => {
      if (held.get(member)?.get(typeUrl)?.delete(name)) drop(member, typeUrl, name);
    },
    moved: (member) => {
      for (const name of held.get(member)?.get(ASSIGNMENT) ?? []) tell(ASSIGNMENT, name);
    },
    members: () => members.values(),
    get: (id) => members.get(id),
    subscribers: index.of,
    names: index.names,
    demand: (cluster) => countByZone(index.of(ASSIGNMENT, cluster)),
    onDemand: (listener) => {
      listeners.push(listener);
    },
  };
}
