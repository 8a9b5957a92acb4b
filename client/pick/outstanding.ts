/**
 * Counts the requests of a pod. A call tells of its start some moments after it was picked, or never, if it was cancelled or
 * picked anew; until the end of the turn of the event loop a pick counts as if it had started, so that a burst spreads.
 */
export interface Outstanding {
  /** Requests that have started and not ended. */
  inFlight: number;
  /** Those, and the picks of this turn that have not started yet. */
  busy: number;
}

/** Forgets, when `later` calls back, the picks that did not start. */
export function createOutstanding(later: (task: () => void) => void) {
  let picked: Outstanding[] = [];
  const forget = (): void => {
    for (const pod of picked) pod.busy = pod.inFlight;
    picked = [];
  };
  return {
    picked(pod: Outstanding): void {
      if (picked.length === 0) later(forget);
      picked.push(pod);
      pod.busy += 1;
    },
    started(pod: Outstanding): void {
      pod.inFlight += 1;
      pod.busy = Math.max(pod.busy, pod.inFlight);
    },
    ended(pod: Outstanding): void {
      pod.inFlight -= 1;
      pod.busy = Math.max(pod.inFlight, pod.busy - 1);
    },
  };
}
