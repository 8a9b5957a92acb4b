import { setTimeout as delay } from "node:timers/promises";

/** Time as an argument, so that tests own it. */
export interface Clock {
  /** Milliseconds since the epoch, for what is shown. */
  wall(): number;
  /** Milliseconds that only grow, for what is measured and waited for. */
  now(): number;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls `run` once after `ms`, unless cancelled. Does not keep the process alive. */
  after(ms: number, run: () => void): { cancel(): void };
}

export const systemClock: Clock = {
  wall: () => Date.now(),
  now: () => performance.now(),
  sleep: (ms, signal) => delay(ms, undefined, signal === undefined ? {} : { signal }),
  after: (ms, run) => {
    const timer = setTimeout(run, ms).unref();
    return { cancel: () => clearTimeout(timer) };
  },
};
