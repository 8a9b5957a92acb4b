/**
 * Places in turn, each as often as its weight says and as evenly spread as possible; where the turn begins is left to the dice,
 * so that clients do not march in step.
 */
export function weightedTurns(weights: readonly number[], random: () => number): () => number {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const credits = weights.map((weight) => weight * random());
  return () => {
    let best = 0;
    for (let place = 0; place < credits.length; place += 1) {
      credits[place] = (credits[place] ?? 0) + (weights[place] ?? 0);
      if ((credits[place] ?? 0) > (credits[best] ?? 0)) best = place;
    }
    credits[best] = (credits[best] ?? 0) - total;
    return best;
  };
}
