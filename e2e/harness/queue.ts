/** What arrives is kept until somebody takes it; who takes waits, but not for ever. */
export interface Queue<T> {
  put(item: T): void;
  /** All later `take`s fail with this. */
  fail(reason: Error): void;
  /** The next item, in order of arrival. Rejects after `withinMs`. */
  take(withinMs?: number): Promise<T>;
  /** Forgets what has arrived and was not taken. */
  drop(): void;
  /** What has arrived and was not taken. */
  readonly waiting: readonly T[];
}

interface Taker<T> {
  readonly resolve: (item: T) => void;
  readonly reject: (reason: Error) => void;
}

export function createQueue<T>(what: string): Queue<T> {
  const waiting: T[] = [];
  const takers = new Set<Taker<T>>();
  let failure: Error | undefined;
  const wait = (withinMs: number): Promise<T> => {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const taker = { resolve, reject };
    takers.add(taker);
    const timer = setTimeout(() => reject(new Error(`no ${what} within ${withinMs} ms`)), withinMs);
    return promise.finally(() => {
      clearTimeout(timer);
      takers.delete(taker);
    });
  };
  return {
    waiting,
    take: async (withinMs = 5000) => {
      const item = waiting.shift();
      if (item !== undefined) return item;
      if (failure !== undefined) throw failure;
      return wait(withinMs);
    },
    drop: () => {
      waiting.length = 0;
    },
    put: (item) => {
      const [taker] = takers;
      if (taker === undefined) waiting.push(item);
      else taker.resolve(item);
      if (taker !== undefined) takers.delete(taker);
    },
    fail: (reason) => {
      failure ??= reason;
      for (const taker of takers) taker.reject(failure);
    },
  };
}
