/** What a Service wants of how its endpoints are used, apart from zones: annotations of ours. */
import { type Annotation, type AnnotationReader, PREFIX, wordOf } from "./annotations.ts";
import type { Retry, TrafficPolicy } from "./model.ts";
import { outlierDetection } from "./outliers.ts";
import { duration, listed, MAX_UINT32, orNone, period, wholeNumber } from "./quantity.ts";

const LB = { key: "lb", inherited: true, ...wordOf(["two_choices", "round_robin"]) } as const;

/** gRPC ignores binary headers here, and knows header names in lower case only. */
const HASH_HEADER: Annotation<string> = {
  key: "hash-header",
  inherited: false,
  allowed: "the name of a request header that is text, such as x-user",
  parse: (text) => {
    const name = text.toLowerCase();
    return /^[a-z0-9][a-z0-9_.-]{0,127}$/.test(name) && !name.endsWith("-bin") ? name : undefined;
  },
};

const TIMEOUT: Annotation<number | "none"> = { key: "timeout", inherited: true, ...orNone(duration) };

/** The only codes that gRPC clients retry on. */
const CODES = ["cancelled", "deadline-exceeded", "internal", "resource-exhausted", "unavailable"] as const;

const codes: Pick<Annotation<Retry["on"]>, "allowed" | "parse"> = {
  allowed: `some of ${CODES.join(", ")}`,
  parse: (text) => {
    const asked = listed(text).map((code) => code.toLowerCase().replaceAll("_", "-"));
    const known = CODES.filter((code) => asked.includes(code));
    return known.length > 0 && asked.every((code) => known.some((one) => one === code)) ? known : undefined;
  },
};

const backoff: Pick<Annotation<Retry["backoffMs"]>, "allowed" | "parse"> = {
  allowed: "two durations, the first no longer than the second, such as 25ms..250ms",
  parse: (text) => {
    const [base, max, ...more] = text.split("..").map((part) => duration.parse(part.trim()));
    return base !== undefined && max !== undefined && base <= max && more.length === 0 ? { base, max } : undefined;
  },
};

const RETRY_ON: Annotation<Retry["on"] | "none"> = { key: "retry-on", inherited: true, ...orNone(codes) };
/** gRPC makes no more than five. */
const RETRY_ATTEMPTS: Annotation<number> = { key: "retry-attempts", inherited: true, ...wholeNumber(2, 5) };
const RETRY_BACKOFF: Annotation<Retry["backoffMs"]> = { key: "retry-backoff", inherited: true, ...backoff };

const MAX_REQUESTS: Annotation<number | "none"> = {
  key: "max-requests",
  inherited: true,
  ...orNone(wholeNumber(1, MAX_UINT32)),
};

const OUTLIERS = { key: "outlier-detection", inherited: true, ...orNone(outlierDetection) } as const;

const WARM_UP: Annotation<number | "none"> = { key: "warm-up", inherited: true, ...orNone(period) };

export const TRAFFIC_ANNOTATIONS: readonly Annotation<unknown>[] = [
  LB,
  HASH_HEADER,
  TIMEOUT,
  RETRY_ON,
  RETRY_ATTEMPTS,
  RETRY_BACKOFF,
  MAX_REQUESTS,
  OUTLIERS,
  WARM_UP,
];

function pickerOf(reader: AnnotationReader): Pick<TrafficPolicy, "picker" | "hashHeader"> {
  const lb = reader.read(LB)?.value;
  const hashHeader = reader.read(HASH_HEADER)?.value;
  if (hashHeader !== undefined) return { picker: "ring-hash", hashHeader };
  return { picker: lb === "round_robin" ? "round-robin" : "two-choices" };
}

/** The value, unless there is none or it is said that there be none. */
function wanted<T>(reader: AnnotationReader, annotation: Annotation<T | "none">): T | undefined {
  const value = reader.read(annotation)?.value;
  return value === "none" ? undefined : value;
}

/** Two attempts, and the back-off that both gRPC and Envoy have of their own accord. */
function retryOf(reader: AnnotationReader): Retry | undefined {
  const on = wanted(reader, RETRY_ON);
  const attempts = reader.read(RETRY_ATTEMPTS)?.value ?? 2;
  const backoffMs = reader.read(RETRY_BACKOFF)?.value ?? { base: 25, max: 250 };
  return on === undefined ? undefined : { on, attempts, backoffMs };
}

/** Complains of what the Service itself says and what has no effect beside, or without, something else. */
function complainOfIdle(reader: AnnotationReader, { picker, retry }: TrafficPolicy): void {
  const hashed = `where ${PREFIX}${HASH_HEADER.key} is`;
  const without = picker === "ring-hash" ? [LB, WARM_UP].map((one) => [one, hashed] as const) : [];
  const alone =
    retry === undefined
      ? [RETRY_ATTEMPTS, RETRY_BACKOFF].map((one) => [one, `without ${PREFIX}${RETRY_ON.key}`] as const)
      : [];
  for (const [{ key }, when] of [...without, ...alone]) {
    if (reader.says(key)) reader.complain(`${PREFIX}${key} has no effect ${when}`);
  }
}

/** None for a ring hash, which would send requests with the same value elsewhere at every step. */
function warmUpOf(reader: AnnotationReader, picker: TrafficPolicy["picker"]): number | undefined {
  const warmUpMs = wanted(reader, WARM_UP);
  return picker === "ring-hash" ? undefined : warmUpMs;
}

export function trafficPolicy(reader: AnnotationReader): TrafficPolicy {
  const timeoutMs = wanted(reader, TIMEOUT);
  const retry = retryOf(reader);
  const maxRequests = wanted(reader, MAX_REQUESTS);
  const outliers = wanted(reader, OUTLIERS);
  const pick = pickerOf(reader);
  const warmUpMs = warmUpOf(reader, pick.picker);
  const policy: TrafficPolicy = {
    ...pick,
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(retry !== undefined && { retry }),
    ...(maxRequests !== undefined && { maxRequests }),
    ...(outliers !== undefined && { outliers }),
    ...(warmUpMs !== undefined && { warmUpMs }),
  };
  complainOfIdle(reader, policy);
  return policy;
}
