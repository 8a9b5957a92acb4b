import { compare } from "./order.ts";

/**
 * Letters to insert, drop or replace to make `b`, from `atB` on, of `a`, from `atA` on; some larger number than `most` when
 * it takes more. The cost depends on `most` and hardly on the lengths, since clients choose what is compared.
 */
function editDistance(a: string, b: string, most: number, atA = 0, atB = 0): number {
  let same = 0;
  while (atA + same < a.length && a.charCodeAt(atA + same) === b.charCodeAt(atB + same)) same += 1;
  const [i, j] = [atA + same, atB + same];
  const apart = Math.abs(a.length - i - (b.length - j));
  if (apart > most || i === a.length || j === b.length) return apart;
  if (most === 0) return 1;
  const replaced = editDistance(a, b, most - 1, i + 1, j + 1);
  const dropped = editDistance(a, b, most - 1, i + 1, j);
  const inserted = editDistance(a, b, most - 1, i, j + 1);
  return 1 + Math.min(replaced, dropped, inserted);
}

/** A short name may differ in one letter, a long one in two. */
const tolerance = (name: string): number => (name.length < 8 ? 1 : 2);

const MOST_SHOWN = 3;

/** The candidates that `wanted` was probably meant to be, nearest first. */
export function nearest(wanted: string, candidates: Iterable<string>): readonly string[] {
  const most = tolerance(wanted);
  const near: { readonly name: string; readonly distance: number }[] = [];
  for (const name of candidates) {
    const distance = editDistance(wanted, name, most);
    if (distance <= most) near.push({ name, distance });
  }
  return near
    .toSorted((a, b) => a.distance - b.distance || compare(a.name, b.name))
    .slice(0, MOST_SHOWN)
    .map(({ name }) => name);
}
