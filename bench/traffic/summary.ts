import type { Measured } from "./callers.ts";

/** What the clients of several processes saw. */
export interface Summary {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly perSecond: number;
  /** Requests for each second of CPU of the clients' processes. */
  readonly perCpuSecond: number;
}

const at = (sorted: Float64Array, part: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;

export function summaryOf(all: readonly Measured[]): Summary {
  const sorted = Float64Array.from(all.flatMap(({ timesMs }) => timesMs)).sort();
  const seconds = Math.max(...all.map((one) => one.seconds));
  const cpuSeconds = all.reduce((sum, one) => sum + one.cpuSeconds, 0);
  return {
    p50Ms: at(sorted, 0.5),
    p99Ms: at(sorted, 0.99),
    p999Ms: at(sorted, 0.999),
    perSecond: sorted.length / seconds,
    perCpuSecond: sorted.length / cpuSeconds,
  };
}
