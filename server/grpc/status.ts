/** The codes of gRPC that this server answers with. */
export const STATUS = {
  OK: 0,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  RESOURCE_EXHAUSTED: 8,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
} as const;

/** How a call ended, and why, in words. */
export interface Status {
  readonly code: (typeof STATUS)[keyof typeof STATUS];
  readonly details: string;
}

/** Printable ASCII but for the percent sign stands for itself. */
const NOT_PLAIN = /[^ -$&-~]/gu;

/** `grpc-status` and `grpc-message`, percent-encoded as PROTOCOL-HTTP2 of gRPC has it. */
export const statusHeaders = ({ code, details }: Status): Record<string, string> => ({
  "grpc-status": String(code),
  ...(details !== "" && { "grpc-message": details.toWellFormed().replace(NOT_PLAIN, encodeURIComponent) }),
});

const UNIT_MS: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1000, m: 1, u: 1e-3, n: 1e-6 };

/** What `grpc-timeout` says, in milliseconds: at most eight digits and a unit. Undefined where it is none. */
export function timeoutMs(header: string | undefined): number | undefined {
  const [, digits, unit = ""] = /^(\d{1,8})([HMSmun])$/.exec(header ?? "") ?? [];
  return digits === undefined ? undefined : Number(digits) * (UNIT_MS[unit] ?? 0);
}
