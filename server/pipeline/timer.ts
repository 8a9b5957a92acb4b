import type { Clock } from "../clock.ts";

/** One timer that can be set again; the last setting counts. */
export function createTimer(clock: Clock) {
  let armed: { cancel(): void } | undefined;
  const cancel = (): void => {
    armed?.cancel();
    armed = undefined;
  };
  const arm = (ms: number, run: () => void): void => {
    cancel();
    armed = clock.after(ms, () => {
      armed = undefined;
      run();
    });
  };
  return { arm, cancel, isArmed: (): boolean => armed !== undefined };
}
