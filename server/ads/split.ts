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
  const unique = names.length > 1 ? [...new Set(names)] : names; // a push is of one name as a rule
  const items: Item[] = [];
  const oversized: string[] = [];
  let bytes = 0;
  for (const [at, name] of unique.entries()) {
    const item = itemOf(name);
    if (item === undefined) continue;
    const size = bytesOf(item);
    if (size > MAX_BYTES) {
      oversized.push(name);
      continue;
    }
    if (items.length > 0 && bytes + size > TARGET_BYTES) return { items, rest: unique.slice(at), oversized };
    items.push(item);
    bytes += size;
  }
  return { items, rest: [], oversized };
}
