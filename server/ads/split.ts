/** What clients accept is 4 MiB (S23). The rest of a response (version, type, nonce) is far below the difference. */
export const TARGET_BYTES = 3 * 1024 * 1024;
export const MAX_BYTES = 3_500_000;

/** One response's part of what is due. */
export interface Portion<Item> {
  readonly items: readonly Item[];
  /** Names for the next response: not looked at. */
  readonly rest: readonly string[];
  /** Names of items that alone exceed `MAX_BYTES`: they cannot be sent. */
  readonly oversized: readonly string[];
}

/**
 * Takes what `itemOf` has to say of `names`, in order and of each name once, until a response is full (S21, S23, D9, D15).
 * A response has at most `TARGET_BYTES`, or is one item alone.
 */
export function portion<Item>(
  names: readonly string[],
  itemOf: (name: string) => Item | undefined,
  bytesOf: (item: Item) => number,
): Portion<Item> {
  const items: Item[] = [];
  const oversized: string[] = [];
  let bytes = 0;
  for (const [at, name, item] of said(names, itemOf)) {
    const size = bytesOf(item);
    if (size > MAX_BYTES) {
      oversized.push(name);
      continue;
    }
    if (items.length > 0 && bytes + size > TARGET_BYTES) return { items, rest: names.slice(at), oversized };
    items.push(item);
    bytes += size;
  }
  return { items, rest: [], oversized };
}

/** Of each name once: where it stands, and what there is to say of it. */
function* said<Item>(names: readonly string[], itemOf: (name: string) => Item | undefined) {
  const seen = new Set<string>();
  for (const [at, name] of names.entries()) {
    const item = seen.has(name) ? undefined : itemOf(name);
    if (item !== undefined) yield [at, name, item] as const;
    seen.add(name);
  }
}
