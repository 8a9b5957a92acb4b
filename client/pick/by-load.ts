import type { PodView, Strategy } from "./strategy.ts";

const MIN_LOAD = 0.01;

/** What a request costs there; pods that report nothing count as half loaded. */
const cost = (pod: PodView | undefined): number => ((pod?.busy ?? 0) + 1) * Math.max(MIN_LOAD, pod?.load ?? 0.5);

/** Power of two choices on requests in flight times the load that pods report (ORCA). */
export const byLoad: Strategy = () => (pods, draw) => {
  const a = draw();
  const b = draw();
  const difference = cost(pods[a]) - cost(pods[b]);
  if (difference !== 0) return difference < 0 ? a : b;
  return (pods[a]?.turns ?? 0) <= (pods[b]?.turns ?? 0) ? a : b;
};
