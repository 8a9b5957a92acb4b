import { setTimeout as delay } from "node:timers/promises";

/**
 * Tries until it does not throw, and gives what it then returns; throws its last error when the time is over.
 * @param withinMs more than any machine that is merely busy needs
 */
export async function eventually<T>(attempt: () => Promise<T>, withinMs = 30_000, pauseMs = 100): Promise<T> {
  const limit = performance.now() + withinMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() > limit) throw error;
    }
    await delay(pauseMs);
  }
}
