import type { IncomingHttpHeaders } from "node:http";
import { isIP } from "node:net";
import { type Failure, failure } from "./route.ts";

/** The first lines of a request, before anything is made of it. */
export interface Head {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** The path of the route that it leads to, if any. */
  readonly route: string | undefined;
}

const MOST_URL_CHARACTERS = 4096;
const METHODS: readonly string[] = ["GET", "HEAD"];

/** What the kubelet and Prometheus ask on the address of a pod. Who asks for anything else is not known, as long as there is no login. */
const OPEN_ROUTES: readonly string[] = ["/healthz", "/readyz", "/metrics"];

/** An address that only this machine reaches. A socket for both families writes those of IPv4 as `::ffff:127.0.0.1`. */
export function isLoopback(host: string): boolean {
  const address = host.replace(/^::ffff:/i, "");
  return address === "localhost" || address === "::1" || (isIP(address) === 4 && address.startsWith("127."));
}

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

const offLoopback = (): Failure =>
  failure(
    403,
    "only-on-loopback",
    "there is no login yet, so on this address only health and metrics are answered; ask over loopback, where kubectl port-forward leads",
    { allowed: OPEN_ROUTES },
  );

/** Who asks by POST, where that leads somewhere, is read by whoever answers it. */
function unfit({ method, headers, route }: Head): Failure | undefined {
  if (method === "POST" && route !== undefined) return undefined;
  if (!METHODS.includes(method)) {
    return failure(405, "method-not-allowed", "this API is only read", { allowed: METHODS });
  }
  return hasBody(headers) ? failure(400, "body-not-accepted", "a question has no body") : undefined;
}

/** Why a request is not even looked at. `loopback`: its connection came in on an address that only this machine reaches. */
export function refusalOf(head: Head, loopback: boolean): Failure | undefined {
  const { url, headers, route } = head;
  if (url.length > MOST_URL_CHARACTERS) {
    return failure(414, "url-too-long", `a URL has at most ${MOST_URL_CHARACTERS} characters`);
  }
  if (loopback && !isOwnName(headers.host ?? "")) {
    const message = `the Host header ${JSON.stringify(headers.host ?? "")} is not a name of this machine`;
    return failure(403, "host-not-allowed", message, { allowed: ["localhost", "an IP address"] });
  }
  return !loopback && !OPEN_ROUTES.includes(route ?? "") ? offLoopback() : unfit(head);
}
