import { createHash } from "node:crypto";

/** A place on a line from 0 to 2^48, the same in every process. */
const place = (text: string): number => createHash("sha256").update(text).digest().readUIntBE(0, 6);

/** Who chooses: clients with an index share pods out among them, others leave it to chance. */
export type Chooser = { readonly kind: "index"; readonly index: number } | { readonly kind: "id"; readonly id: string };

const sortedBy = (keys: readonly string[], salt: string): readonly string[] =>
  keys
    .map((key) => ({ key, at: place(`${salt}\0${key}`) }))
    .sort((a, b) => a.at - b.at || (a.key < b.key ? -1 : 1))
    .map(({ key }) => key);

/**
 * At most `size` of the pods, and always the same of the same. Clients with indices 0, 1, 2 … take one after the other round a
 * ring, so that each pod is chosen by the average number of clients, give or take one. Clients with an id each take the pods
 * nearest to them by hash: a pod more or less changes one connection at most.
 */
export function subset(keys: readonly string[], size: number, chooser: Chooser): ReadonlySet<string> {
  if (keys.length <= size) return new Set(keys);
  if (chooser.kind === "id") return new Set(sortedBy(keys, chooser.id).slice(0, size));
  const ring = sortedBy(keys, "");
  const first = (chooser.index * size) % ring.length;
  return new Set(Array.from({ length: size }, (_, i) => ring[(first + i) % ring.length] ?? ""));
}

interface Claimant {
  readonly weight: number;
  readonly pods: number;
}

/** The locality that is furthest behind its weight; undefined when all have as many connections as pods. */
function neediest(localities: readonly Claimant[], sizes: readonly number[]): number | undefined {
  const claims = localities.map(({ weight, pods }, i) => ((sizes[i] ?? 0) < pods ? weight / ((sizes[i] ?? 0) + 1) : 0));
  const most = Math.max(...claims);
  return most > 0 ? claims.indexOf(most) : undefined;
}

/**
 * How many of `size` connections each locality has: by weight, never more than it has pods. One each at least, even if that makes
 * more than `size`, since its share of the requests has to go there.
 */
export function subsetSizes(localities: readonly Claimant[], size: number): readonly number[] {
  const sizes = localities.map(({ pods }) => Math.min(1, pods));
  for (let left = size - sizes.reduce((sum, each) => sum + each, 0); left > 0; left -= 1) {
    const next = neediest(localities, sizes);
    if (next === undefined) break;
    sizes[next] = (sizes[next] ?? 0) + 1;
  }
  return sizes;
}
