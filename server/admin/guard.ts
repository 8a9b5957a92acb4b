import type { IncomingHttpHeaders } from "node:http";
import { isIP } from "node:net";
import { type Failure, failure } from "./route.ts";

/** The first lines of a request, before anything is made of it. */
export interface Head {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

const MOST_URL_CHARACTERS = 4096;
const METHODS: readonly string[] = ["GET", "HEAD"];

/** An address that only this machine reaches. */
export const isLoopback = (host: string): boolean =>
  host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));

/** `localhost:18001` → `localhost`, `[::1]:18001` → `::1`. */
const hostOf = (header: string): string =>
  header
    .replace(/:\d*$/, "")
    .replace(/^\[(.*)\]$/, "$1")
    .toLowerCase();

/** A web page can give its own name any address (DNS rebinding), but it cannot make a browser ask by another name. */
const isOwnName = (header: string): boolean => {
  const host = hostOf(header);
  return host === "localhost" || host.endsWith(".localhost") || isIP(host) !== 0;
};

const hasBody = (headers: IncomingHttpHeaders): boolean =>
  headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) !== 0;

/** Why a request is not even looked at. `loopback`: the server listens where only this machine reaches it. */
export function refusalOf({ method, url, headers }: Head, loopback: boolean): Failure | undefined {
  if (url.length > MOST_URL_CHARACTERS) {
    return failure(414, "url-too-long", `a URL has at most ${MOST_URL_CHARACTERS} characters`);
  }
  if (loopback && !isOwnName(headers.host ?? "")) {
    const message = `the Host header ${JSON.stringify(headers.host ?? "")} is not a name of this machine`;
    return failure(403, "host-not-allowed", message, { allowed: ["localhost", "an IP address"] });
  }
  if (!METHODS.includes(method)) {
    return failure(405, "method-not-allowed", "this API is only read", { allowed: METHODS });
  }
  return hasBody(headers) ? failure(400, "body-not-accepted", "a question has no body") : undefined;
}
