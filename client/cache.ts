import type { Accepted, News, Wanted } from "./exchange.ts";
import { TYPE_URLS, type TypeUrl } from "./type-url.ts";

/** What is known of a resource that was asked for. No entry: nothing yet. */
export type Entry =
  | {
      readonly kind: "here";
      readonly value: unknown;
      readonly bytes: Uint8Array;
      /** Of the response that last changed it. */
      readonly version: string;
      /** What is wrong with a newer one that was refused. */
      readonly refused?: string;
    }
  | { readonly kind: "absent" }
  | { readonly kind: "refused"; readonly problem: string };

/** What the servers of one bootstrap said; kept while they are away. */
export type Cache = Readonly<Record<TypeUrl, ReadonlyMap<string, Entry>>>;

const each = (of: (typeUrl: TypeUrl) => ReadonlyMap<string, Entry>): Cache =>
  Object.fromEntries(TYPE_URLS.map((typeUrl) => [typeUrl, of(typeUrl)])) as Cache;

export const emptyCache: Cache = each(() => new Map());

/** Equal bytes keep the value they had, so that identity tells what changed. */
function hereEntry(before: Entry | undefined, { content, bytes }: Accepted, version: string): Entry {
  if (before?.kind !== "here" || Buffer.compare(before.bytes, bytes) !== 0)
    return { kind: "here", value: content, bytes, version };
  return { kind: "here", value: before.value, bytes: before.bytes, version: before.version };
}

/** A bad successor leaves the good resource in use (gRFC A46). */
const refusedEntry = (before: Entry | undefined, problem: string): Entry =>
  before?.kind === "here" ? { ...before, refused: problem } : { kind: "refused", problem };

/**
 * The cache after a response.
 * @param keepDeleted whether a resource that the server no longer lists stays in use (gRFC A53)
 */
export function withNews(cache: Cache, news: News, keepDeleted: boolean): Cache {
  const entries = new Map(cache[news.typeUrl]);
  for (const [name, accepted] of news.accepted) entries.set(name, hereEntry(entries.get(name), accepted, news.version));
  for (const [name, problem] of news.refused) entries.set(name, refusedEntry(entries.get(name), problem));
  for (const name of news.lacking) {
    if (entries.get(name)?.kind === "here" && !keepDeleted) entries.set(name, { kind: "absent" });
  }
  return { ...cache, [news.typeUrl]: entries };
}

/** Gives up on a name of which nothing was heard. */
export function withAbsent(cache: Cache, typeUrl: TypeUrl, name: string): Cache {
  if (cache[typeUrl].has(name)) return cache;
  return { ...cache, [typeUrl]: new Map(cache[typeUrl]).set(name, { kind: "absent" }) };
}

/** Only what is wanted. */
export const limitedTo = (cache: Cache, wanted: Wanted): Cache =>
  each((typeUrl) => {
    const names = new Set(wanted[typeUrl]);
    const entries = cache[typeUrl];
    const isSuperfluous = [...entries.keys()].some((name) => !names.has(name));
    return isSuperfluous ? new Map([...entries].filter(([name]) => names.has(name))) : entries;
  });
