/** Who keeps coming back at once (B12): a response that breaks its stream makes a client reconnect about every second. */
export interface Reconnects {
  /**
   * How many times in a row this client has come back within moments after a stay of moments, this one included. One that
   * has another stream open has not been away: a process may have a stream for each of its targets.
   */
  came(client: string, now: number): number;
  /** Must follow each `came`. */
  left(client: string, now: number): void;
}

const SOON_MS = 5_000;
/** Clients that are remembered; beyond that the longest unseen is forgotten. */
const MAX_CLIENTS = 4096;
/** Coming back this often in a row is worth counting. */
export const MANY_RECONNECTS = 5;

/** Worth a line in the log: at 5, 10, 20, 40, … times in a row, so that it does not flood. */
export const isWorthTelling = (times: number): boolean => Number.isInteger(Math.log2(times / MANY_RECONNECTS));

interface Present {
  readonly since: number;
  readonly streams: number;
  readonly times: number;
}

interface Absent {
  readonly leftAt: number;
  readonly times: number;
}

export function createReconnects(): Reconnects {
  const present = new Map<string, Present>();
  /** In the order of leaving. */
  const absent = new Map<string, Absent>();
  const forgetOld = (now: number): void => {
    for (const [client, { leftAt }] of absent) {
      if (absent.size <= MAX_CLIENTS && now - leftAt < SOON_MS) break;
      absent.delete(client);
    }
  };
  return {
    came: (client, now) => {
      forgetOld(now);
      const here = present.get(client);
      if (here !== undefined) {
        present.set(client, { ...here, streams: here.streams + 1 });
        return 0;
      }
      const before = absent.get(client);
      absent.delete(client);
      const times = before === undefined ? 0 : before.times + 1;
      present.set(client, { since: now, streams: 1, times });
      return times;
    },
    left: (client, now) => {
      const here = present.get(client);
      if (here === undefined) return;
      if (here.streams > 1) {
        present.set(client, { ...here, streams: here.streams - 1 });
        return;
      }
      present.delete(client);
      if (now - here.since < SOON_MS) absent.set(client, { leftAt: now, times: here.times });
      forgetOld(now);
    },
  };
}
