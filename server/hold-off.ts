export interface HoldOff {
  /** How long changes are gathered after a publish. */
  readonly gatherMs: number;
}

/** What is not published yet. Times are of one clock, in milliseconds. */
export interface Waiting {
  /** When the first of it was reported. */
  readonly since: number;
  /** An endpoint left: whoever still sends to it fails. */
  readonly hasRemoval: boolean;
  /** When something was published last. */
  readonly publishedAt?: number;
}

/** How long to wait before publishing: the first change and every removal go at once, the rest is gathered (E16). */
export function holdOffDelay({ gatherMs }: HoldOff, waiting: Waiting, now: number): number {
  const { since, hasRemoval, publishedAt = Number.NEGATIVE_INFINITY } = waiting;
  const isFirst = now - publishedAt >= gatherMs;
  return hasRemoval || isFirst ? 0 : Math.max(0, since + gatherMs - now);
}
