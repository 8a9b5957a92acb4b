import { lessBusy } from "./less-busy.ts";
import type { Pick, Strategy } from "./strategy.ts";

/** The least busy of that many drawn at random, 2 or more; with two, power of two choices. */
export function leastRequest(choices: number): Strategy {
  const pick: Pick = (pods, draw) => {
    let best = draw();
    for (let drawn = 1; drawn < choices; drawn += 1) best = lessBusy(pods, best, draw());
    return best;
  };
  return () => pick;
}
