import type { Duration } from "../../gen/google/protobuf/duration.ts";

/** Milliseconds; of none, and of zero, which stands for "no limit", undefined. */
export function durationMs(duration: Duration | undefined): number | undefined {
  const ms = (duration?.seconds ?? 0) * 1000 + (duration?.nanos ?? 0) / 1e6;
  return ms > 0 ? ms : undefined;
}
