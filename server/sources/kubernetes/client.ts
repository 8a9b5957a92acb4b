/** Requests to the API server over connections of our own: one for each watch, kept alive between requests. */
import http from "node:http";
import https from "node:https";
import type { Socket } from "node:net";
import type { Clock } from "../../clock.ts";
import type { Log } from "../../log.ts";
import type { Access, Target } from "./access.ts";

export interface Reply {
  readonly status: number;
  /** Seconds, as the server writes them. */
  readonly retryAfter: string | undefined;
  readonly body: AsyncIterable<Buffer>;
}

export interface Client extends Disposable {
  /** Rejects when there is no answer. The signal ends the request and its socket at once, also while the body is read. */
  get(path: string, query: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Reply>;
}

export interface ClientOptions {
  readonly access: Access;
  /** How long a connection may take to be made. */
  readonly connectMs: number;
  readonly clock: Clock;
  readonly log: Log;
}

/** A connection of the server's that we do not trust: perhaps the certificate authority was replaced. */
const isDistrust = (error: Error): boolean =>
  "code" in error && typeof error.code === "string" && /CERT|SIGNATURE|ERR_TLS|ERR_SSL/.test(error.code);

/** A server that is frozen takes connections, but no TLS handshake ends. */
function limitConnecting(request: http.ClientRequest, socket: Socket, { connectMs, clock }: ClientOptions): void {
  if (!socket.connecting) return; // it was kept alive
  const tooLate = new Error(`no connection after ${connectMs / 1000} s`);
  const { cancel } = clock.after(connectMs, () => request.destroy(tooLate));
  socket.once("encrypted" in socket ? "secureConnect" : "connect", cancel).once("close", cancel);
}

const urlOf = ({ server }: Target, path: string, query: Readonly<Record<string, string>>): URL => {
  const url = new URL(server);
  url.pathname = `${server.pathname.replace(/\/$/, "")}${path}`;
  url.search = new URLSearchParams(query).toString();
  return url;
};

/** Rejects as soon as the signal says so, whatever becomes of the promise. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener("abort", abort);
  return Promise.race([promise, aborted]).finally(() => signal.removeEventListener("abort", abort));
}

export function createClient(options: ClientOptions): Client {
  const { access, log } = options;
  const agents = { "http:": new http.Agent({ keepAlive: true }), "https:": new https.Agent({ keepAlive: true }) };
  let warned = false;
  const warnOnce = ({ tls }: Target): void => {
    if (tls.rejectUnauthorized !== false || warned) return;
    warned = true;
    log.warn("the API server's certificate is not checked (insecure-skip-tls-verify)", { server: access.where });
  };
  const send = (target: Target, url: URL, signal: AbortSignal): Promise<Reply> => {
    const { promise, resolve, reject } = Promise.withResolvers<Reply>();
    const isPlain = url.protocol === "http:";
    const headers = { accept: "application/json", "user-agent": "evenkeel", ...target.headers };
    const request = isPlain
      ? http.request(url, { agent: agents["http:"], headers, signal })
      : https.request(url, { agent: agents["https:"], headers, signal, ...target.tls });
    request.on("socket", (socket) => limitConnecting(request, socket, options));
    request.on("response", (response) => {
      const { statusCode: status = 0 } = response;
      if (status === 401) access.renew();
      resolve({ status, retryAfter: response.headers["retry-after"], body: response });
    });
    request.on("error", (error) => {
      if (isDistrust(error)) access.renew();
      reject(error);
    });
    request.end();
    return promise;
  };
  return {
    get: async (path, query, signal) => {
      const target = await unlessAborted(access.target(), signal);
      warnOnce(target);
      return send(target, urlOf(target, path, query), signal);
    },
    [Symbol.dispose]: () => {
      for (const agent of Object.values(agents)) agent.destroy();
    },
  };
}
