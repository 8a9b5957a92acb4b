/** What an API server that does not do as asked means by it. Pure. */
import { member } from "./member.ts";

export interface Failure {
  readonly kind: "failure";
  /**
   * `expired`: what was asked for is too old, so all must be read again (L4). `denied`: no right to it, or no such kind.
   * `refused`: not understood. `failed`: the server cannot at the moment.
   */
  readonly why: "expired" | "denied" | "refused" | "failed";
  /** As HTTP has it; 0 where there is none. */
  readonly code: number;
  readonly message: string;
  /** An event of a watch says so, and not the answer to a request. */
  readonly inWatch: boolean;
  readonly retryAfterMs?: number;
}

/** Text of a server, short and on one line. */
const brief = (text: string): string => text.replace(/\s+/g, " ").trim().slice(0, 300);

const EXPIRED = /^(Expired|Gone)$/;
/** After a restore from a backup, the cluster's version is lower than the one that was seen. */
const FROM_THE_FUTURE = /too large resource version/i;

function whyOf(code: number, reason: string, message: string): Failure["why"] {
  if (code === 410 || EXPIRED.test(reason) || FROM_THE_FUTURE.test(message)) return "expired";
  if (code === 403 || code === 404) return "denied";
  if (code === 400 || code === 422 || reason === "Invalid") return "refused";
  return "failed";
}

/** Nobody is made to wait for longer than this. */
const LONGEST_RETRY_MS = 300_000;

const milliseconds = (seconds: unknown): number | undefined => {
  const value = typeof seconds === "number" || (typeof seconds === "string" && seconds !== "") ? Number(seconds) : -1;
  return value >= 0 ? Math.min(value * 1000, LONGEST_RETRY_MS) : undefined;
};

/** A Kubernetes `Status`, as the object of an ERROR event (its own `code`) or as the body of a response with `httpStatus`. */
export function failureOf(status: unknown, httpStatus?: number, retryAfter?: string): Failure {
  const [reason, text] = [member(status, "reason"), member(status, "message")];
  const own = member(status, "code");
  const code = httpStatus ?? (typeof own === "number" ? own : 0);
  const message = typeof text === "string" ? brief(text) : "";
  const retryAfterMs = milliseconds(retryAfter) ?? milliseconds(member(member(status, "details"), "retryAfterSeconds"));
  return {
    kind: "failure",
    why: whyOf(code, typeof reason === "string" ? reason : "", message),
    code,
    message: [code === 0 ? "error" : `status ${code}`, message].filter((part) => part !== "").join(": "),
    inWatch: httpStatus === undefined,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  };
}

/** The failure that a response other than 200 tells of. Its body may be anything. */
export function failureOfResponse(httpStatus: number, retryAfter: string | undefined, body: string): Failure {
  try {
    return failureOf(JSON.parse(body), httpStatus, retryAfter);
  } catch {
    return failureOf({ message: body }, httpStatus, retryAfter);
  }
}
