import type { Duration } from "../../gen/google/protobuf/duration.ts";

/** `nanos` comes on top, below a millisecond. */
export const durationOf = (ms: number, nanos = 0): Duration => ({
  seconds: Math.floor(ms / 1000),
  nanos: (ms % 1000) * 1_000_000 + nanos,
});
