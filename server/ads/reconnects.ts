/** Who keeps coming back at once (B12): a response that breaks its stream makes a client reconnect about every second. */
export interface Reconnects {
  /** How many times in a row this client has come back within moments, this one included. */
  came(client: string, now: number): number;
  left(client: string, now: number): void;
}

const SOON_MS = 5_000;
/** Clients that are remembered; beyond that the longest unseen is forgotten. */
const MAX_CLIENTS = 4096;

export function createReconnects(): Reconnects {
  const seen = new Map<string, { readonly leftAt: number; readonly times: number }>();
  const remember = (client: string, entry: { readonly leftAt: number; readonly times: number }): void => {
    seen.delete(client);
    seen.set(client, entry);
    const [oldest] = seen.size > MAX_CLIENTS ? seen.keys() : [];
    if (oldest !== undefined) seen.delete(oldest);
  };
  return {
    came: (client, now) => {
      const before = seen.get(client);
      const times = before !== undefined && now - before.leftAt < SOON_MS ? before.times + 1 : 0;
      if (before !== undefined) remember(client, { ...before, times });
      return times;
    },
    left: (client, now) => remember(client, { leftAt: now, times: seen.get(client)?.times ?? 0 }),
  };
}
