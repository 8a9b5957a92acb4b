import type { Strategy } from "./strategy.ts";

/** One after the other; bias and slow start have no effect. */
export const roundRobin: Strategy = () => {
  let last = -1;
  return (pods) => {
    last = (last + 1) % pods.length;
    return last;
  };
};
