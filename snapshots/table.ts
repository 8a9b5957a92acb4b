/**
 * A persistent map with string keys: a change copies one small shard and the list of shards, never the whole, so its cost
 * does not grow with the table. (One copy of a plain Map of 100,000 entries takes 28 ms.)
 */
export interface Table<V> {
  readonly size: number;
  get(key: string): V | undefined;
  has(key: string): boolean;
  /** In no useful order: sort what you show or hash. */
  entries(): IterableIterator<[string, V]>;
  keys(): IterableIterator<string>;
  values(): IterableIterator<V>;
  /** The keys whose values differ (by `===`). Costs little where one table was made of the other by few changes. */
  changesSince(previous: Table<V>): Iterable<string>;
  /** A new table; an `undefined` value removes its key. The same table when nothing changes (by `===`). */
  with(changes: Iterable<readonly [string, V | undefined]>): Table<V>;
}

type Entries<V> = Pick<Table<V>, "entries" | "keys" | "get" | "has">;

function* differing<V>(before: Entries<V>, after: Entries<V>): Iterable<string> {
  for (const [key, value] of after.entries()) if (before.get(key) !== value) yield key;
  for (const key of before.keys()) if (!after.has(key)) yield key;
}

const SHARD_TARGET = 16;

/** FNV-1a; only spreads keys over shards, so it never reaches a version. */
const spread = (key: string): number => {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i += 1) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  return hash >>> 0;
};

type Shards<V> = readonly ReadonlyMap<string, V>[];

const shardCountFor = (size: number): number => {
  let count = 1;
  while (count * SHARD_TARGET < size) count *= 2;
  return count;
};

function reshard<V>(shards: Shards<V>, count: number): Shards<V> {
  const next = Array.from({ length: count }, () => new Map<string, V>());
  for (const shard of shards) for (const [key, value] of shard) next[spread(key) & (count - 1)]?.set(key, value);
  return next;
}

/** Doubles the shards when they are twice as full as wanted; never shrinks, since tables that shrank tend to grow again. */
const reshardedFor = <V>(shards: Shards<V>, size: number): Shards<V> =>
  size > shards.length * SHARD_TARGET * 2 ? reshard(shards, shardCountFor(size)) : shards;

/** A table in the making: copies a shard when it is first changed. */
class Draft<V> {
  readonly shards: ReadonlyMap<string, V>[];
  readonly #own = new Map<number, Map<string, V>>();

  constructor(shards: Shards<V>) {
    this.shards = [...shards];
  }

  get changed(): boolean {
    return this.#own.size > 0;
  }

  /** By how much the table grew. */
  set(key: string, value: V | undefined): -1 | 0 | 1 {
    const at = spread(key) & (this.shards.length - 1);
    const before = this.shards[at]?.get(key);
    if (before === value) return 0;
    const shard = this.#ownShard(at);
    if (value === undefined) shard.delete(key);
    else shard.set(key, value);
    if (value === undefined) return -1;
    return before === undefined ? 1 : 0;
  }

  #ownShard(at: number): Map<string, V> {
    const owned = this.#own.get(at) ?? new Map(this.shards[at]);
    this.#own.set(at, owned);
    this.shards[at] = owned;
    return owned;
  }
}

/** A class, since a cluster has many of these and closures would cost a function per method each. */
class ShardedTable<V> implements Table<V> {
  readonly size: number;
  readonly #shards: Shards<V>;

  constructor(shards: Shards<V>, size: number) {
    this.#shards = shards;
    this.size = size;
  }

  #shardOf(key: string): ReadonlyMap<string, V> {
    const shards = this.#shards;
    return shards[shards.length === 1 ? 0 : spread(key) & (shards.length - 1)] as ReadonlyMap<string, V>;
  }

  get(key: string): V | undefined {
    return this.#shardOf(key).get(key);
  }

  has(key: string): boolean {
    return this.#shardOf(key).has(key);
  }

  *entries(): IterableIterator<[string, V]> {
    for (const shard of this.#shards) yield* shard.entries();
  }

  *keys(): IterableIterator<string> {
    for (const shard of this.#shards) yield* shard.keys();
  }

  *values(): IterableIterator<V> {
    for (const shard of this.#shards) yield* shard.values();
  }

  *changesSince(previous: Table<V>): Iterable<string> {
    const comparable = previous instanceof ShardedTable && previous.#shards.length === this.#shards.length;
    const before: Shards<V> | undefined = comparable ? previous.#shards : undefined;
    if (before === undefined) yield* differing(previous, this);
    else
      for (const [at, shard] of this.#shards.entries()) {
        const old = before[at];
        if (old !== undefined && old !== shard) yield* differing(old, shard);
      }
  }

  with(changes: Iterable<readonly [string, V | undefined]>): Table<V> {
    const list = [...changes];
    if (list.length === 0) return this;
    const draft = new Draft(reshardedFor(this.#shards, this.size + list.length));
    let size = this.size;
    for (const [key, value] of list) size += draft.set(key, value);
    return draft.changed ? new ShardedTable(reshardedFor(draft.shards, size), size) : this;
  }
}

/** As many entries as are found as fast by looking at each. */
const SMALL = 8;

/** A table of a few entries, which most are: two arrays instead of a list of maps. */
class SmallTable<V> implements Table<V> {
  readonly #keys: readonly string[];
  readonly #values: readonly V[];

  constructor(keys: readonly string[], values: readonly V[]) {
    this.#keys = keys;
    this.#values = values;
  }

  get size(): number {
    return this.#keys.length;
  }

  get(key: string): V | undefined {
    const at = this.#keys.indexOf(key);
    return at < 0 ? undefined : this.#values[at];
  }

  has(key: string): boolean {
    return this.#keys.includes(key);
  }

  *entries(): IterableIterator<[string, V]> {
    for (const [at, key] of this.#keys.entries()) yield [key, this.#values[at] as V];
  }

  keys(): IterableIterator<string> {
    return this.#keys.values();
  }

  values(): IterableIterator<V> {
    return this.#values.values();
  }

  changesSince(previous: Table<V>): Iterable<string> {
    return previous === this ? [] : differing<V>(previous, this);
  }

  with(changes: Iterable<readonly [string, V | undefined]>): Table<V> {
    const list = [...changes];
    if (list.length > SMALL) return this.#withMany(list);
    let next: SmallTable<V> = this;
    for (const [key, value] of list) next = next.#withOne(key, value);
    return next.size > SMALL ? next.#sharded() : next;
  }

  #withMany(changes: readonly (readonly [string, V | undefined])[]): Table<V> {
    const before = this.#sharded();
    const next = before.with(changes);
    return next === before ? this : next;
  }

  #withOne(key: string, value: V | undefined): SmallTable<V> {
    const at = this.#keys.indexOf(key);
    if (at < 0) return value === undefined ? this : new SmallTable([...this.#keys, key], [...this.#values, value]);
    if (value === undefined) return new SmallTable(this.#keys.toSpliced(at, 1), this.#values.toSpliced(at, 1));
    return this.#values[at] === value ? this : new SmallTable(this.#keys, this.#values.with(at, value));
  }

  #sharded(): Table<V> {
    return new ShardedTable([new Map(this.entries())], this.size);
  }
}

const EMPTY: Table<unknown> = new SmallTable<unknown>([], []);

export const emptyTable = <V>(): Table<V> => EMPTY as Table<V>;

export const tableOf = <V>(entries: Iterable<readonly [string, V]>): Table<V> => emptyTable<V>().with(entries);
