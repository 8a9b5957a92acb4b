import { fairDice, weightedDice } from "./pick/dice.ts";
import { errorWeights, fade, rateOf } from "./pick/error-bias.ts";
import { slowStartWeight } from "./pick/slow-start.ts";
import type { Draw, Pick } from "./pick/strategy.ts";
import type { Pod } from "./pod.ts";

interface Bias {
  readonly errorHalfLifeMs: number;
  readonly slowStartMs: number;
}

/** How long weights are used before they are looked at again. */
const WEIGH_EVERY_MS = 100;

const reason = (fromErrors: number, fromAge: number): Pod["disfavouredFor"] => {
  if (fromErrors >= 1 && fromAge >= 1) return undefined;
  return fromErrors <= fromAge ? "errors" : "slow start";
};

function weigh(pods: readonly Pod[], { errorHalfLifeMs, slowStartMs }: Bias, now: number): void {
  if (errorHalfLifeMs > 0) for (const pod of pods) fade(pod.errors, now, errorHalfLifeMs);
  const byErrors = errorHalfLifeMs > 0 ? errorWeights(pods.map(({ errors }) => rateOf(errors))) : [];
  for (const [i, pod] of pods.entries()) {
    const fromErrors = byErrors[i] ?? 1;
    const fromAge = slowStartWeight(now - (pod.since ?? now), slowStartMs);
    pod.weight = fromErrors * fromAge;
    pod.disfavouredFor = reason(fromErrors, fromAge);
  }
}

/** The connected pods of one locality, and whose turn it is. */
export interface LocalityPicker {
  readonly ready: readonly Pod[];
  add(pod: Pod): void;
  remove(pod: Pod): void;
  /** Undefined when no pod is connected. */
  pick(now: number): Pod | undefined;
}

/**
 * Picks by a strategy among pods that come and go.
 * @param random from 0 to less than 1
 */
export function createLocalityPicker(choose: Pick, bias: Bias, random: () => number): LocalityPicker {
  const ready: Pod[] = [];
  let draw: Draw = () => 0;
  let weighedAt = Number.NEGATIVE_INFINITY;
  const prepare = (now: number): void => {
    weighedAt = now;
    weigh(ready, bias, now);
    const weights = ready.map(({ weight }) => weight);
    draw = weights.every((weight) => weight >= 1) ? fairDice(ready.length, random) : weightedDice(weights, random);
  };
  return {
    ready,
    add: (pod) => {
      const turns = ready.reduce((sum, other) => sum + other.turns, 0) / Math.max(1, ready.length);
      pod.turns = Math.max(pod.turns, turns); // a newcomer is not owed what others had before it came
      ready.push(pod);
      weighedAt = Number.NEGATIVE_INFINITY;
    },
    remove: (pod) => {
      const place = ready.indexOf(pod);
      if (place < 0) return;
      ready.splice(place, 1);
      weighedAt = Number.NEGATIVE_INFINITY;
    },
    pick: (now) => {
      if (ready.length === 0) return undefined;
      if (now - weighedAt >= WEIGH_EVERY_MS) prepare(now);
      const pod = ready[choose(ready, draw)];
      if (pod === undefined) return undefined;
      pod.turns += 1 / pod.weight;
      pod.picks += 1;
      return pod;
    },
  };
}
