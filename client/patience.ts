import type { ResourceName } from "./dependencies.ts";

/** After that time without news a name is called missing, before it counts as one that does not exist. */
export const MISSING_MS = 1000;

export interface Patience {
  /** Waits for these names, and no longer for others. */
  waitFor(names: readonly ResourceName[]): void;
  /** Those that are waited for since `MISSING_MS` or longer. */
  missing(): readonly ResourceName[];
  end(): void;
}

interface Wait {
  readonly name: ResourceName;
  timer: NodeJS.Timeout;
  missing: boolean;
}

interface PatienceEnds {
  onMissing(name: ResourceName): void;
  /** `doesNotExistMs` are over. */
  onAbsent(name: ResourceName): void;
}

const keyOf = ({ typeUrl, name }: ResourceName): string => `${typeUrl} ${name}`;

/** Timers for names that no server has told of (gRFC A57). */
export function createPatience(doesNotExistMs: number, { onMissing, onAbsent }: PatienceEnds): Patience {
  const waits = new Map<string, Wait>();
  const end = (key: string): void => {
    clearTimeout(waits.get(key)?.timer);
    waits.delete(key);
  };
  const absent = (name: ResourceName): void => {
    waits.delete(keyOf(name));
    onAbsent(name);
  };
  const missing = (name: ResourceName): void => {
    const wait = waits.get(keyOf(name));
    if (wait === undefined) return;
    wait.missing = true;
    wait.timer = setTimeout(absent, doesNotExistMs - MISSING_MS, name);
    onMissing(name);
  };
  const begin = (name: ResourceName): void => {
    const timer =
      doesNotExistMs > MISSING_MS ? setTimeout(missing, MISSING_MS, name) : setTimeout(absent, doesNotExistMs, name);
    waits.set(keyOf(name), { name, timer, missing: false });
  };
  return {
    waitFor: (names) => {
      const keys = new Set(names.map(keyOf));
      for (const key of [...waits.keys()]) if (!keys.has(key)) end(key);
      for (const name of names) if (!waits.has(keyOf(name))) begin(name);
    },
    missing: () => [...waits.values()].filter((wait) => wait.missing).map(({ name }) => name),
    end: () => {
      for (const key of [...waits.keys()]) end(key);
    },
  };
}
