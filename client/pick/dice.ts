/** Gives places from 0 on. */
type Dice = () => number;

/** Every place alike; two throws in a row differ as far as there are two places. */
export function fairDice(places: number, random: () => number): Dice {
  let last = -1;
  return () => {
    if (last < 0 || places < 2) {
      last = Math.floor(random() * places);
      return last;
    }
    const drawn = Math.floor(random() * (places - 1));
    const place = drawn >= last ? drawn + 1 : drawn;
    last = -1;
    return place;
  };
}

/** Each place in proportion to its weight, in constant time (the alias method). Weights are positive. */
export function weightedDice(weights: readonly number[], random: () => number): Dice {
  const places = weights.length;
  const mean = weights.reduce((sum, weight) => sum + weight, 0) / places;
  const own = weights.map((weight) => weight / mean);
  const alias = weights.map((_, place) => place);
  const small = [...own.keys()].filter((place) => (own[place] ?? 0) < 1);
  const large = [...own.keys()].filter((place) => (own[place] ?? 0) >= 1);
  while (small.length > 0 && large.length > 0) {
    const low = small.pop() ?? 0;
    const high = large.at(-1) ?? 0;
    alias[low] = high;
    const rest = (own[high] ?? 0) - (1 - (own[low] ?? 0));
    own[high] = rest;
    if (rest < 1) small.push(large.pop() ?? 0);
  }
  for (const place of small) own[place] = 1; // what rounding has left over
  return () => {
    const thrown = random() * places;
    const place = Math.floor(thrown);
    return thrown - place < (own[place] ?? 1) ? place : (alias[place] ?? place);
  };
}
