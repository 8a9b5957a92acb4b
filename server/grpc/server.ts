/**
 * gRPC over `node:http2`, for what this server serves. Not `@grpc/grpc-js`: that copies a response for every call, which is
 * most of what a push of many endpoints costs, and holds half as much again for an idle one (docs/performance.md).
 */
import {
  constants,
  type IncomingHttpHeaders,
  performServerHandshake,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import type { Socket } from "node:net";
import { type CallShare, ServerCall } from "./call.ts";
import { STATUS, statusHeaders } from "./status.ts";

export interface GrpcSettings {
  readonly maxMessageBytes: number;
  readonly maxStreamsPerConnection: number;
}

/** Serves a call: sets its listener at once. */
export type Open = (call: ServerCall) => void;

export interface GrpcServer {
  /** Calls of this path (`/package.Service/Method`) are served by `open`; of others none are (UNIMPLEMENTED). */
  register(path: string, open: Open): void;
  /** Takes over a socket. */
  accept(socket: Socket, peer: string): GrpcConnection;
}

/** So many of the largest messages may have come in part on one connection. */
const MAX_HELD_MESSAGES = 4;
const LAST_STREAM_ID = 2 ** 31 - 1;

/** One HTTP/2 connection. */
export class GrpcConnection {
  readonly #session: ServerHttp2Session;
  #calls = 0;

  constructor(session: ServerHttp2Session) {
    this.#session = session;
    session.on("error", () => {}); // it is closed by then
    session.on("stream", (stream) => {
      this.#calls += 1;
      stream.on("close", () => {
        this.#calls -= 1;
      });
    });
  }

  /** Open calls. */
  get calls(): number {
    return this.#calls;
  }

  /** Asks whether the client lives; its answer shows in the bytes that the socket has read. */
  ping(): void {
    if (!this.#session.destroyed) this.#session.ping(() => {});
  }

  /** Tells the client to go elsewhere, in order: calls go on, new ones are refused, and with the last the connection ends. */
  goAway(): void {
    if (this.#session.destroyed || this.#session.closed) return;
    this.#session.goaway(constants.NGHTTP2_NO_ERROR, LAST_STREAM_ID);
    this.#session.close();
  }
}

/** Whether a request is one of gRPC; what is not is told so in HTTP. */
function httpStatusOf(headers: IncomingHttpHeaders): 200 | 405 | 415 {
  if (headers[":method"] !== "POST") return 405;
  return /^application\/grpc(?:$|[+;])/.test(headers["content-type"] ?? "") ? 200 : 415;
}

function refuse(stream: ServerHttp2Stream, headers: Record<string, string | number>): void {
  stream.on("error", () => {});
  stream.respond(headers, { endStream: true });
  stream.resume();
}

export function createGrpcServer({ maxMessageBytes, maxStreamsPerConnection }: GrpcSettings): GrpcServer {
  const methods = new Map<string, Open>();
  const onStream = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, share: CallShare): void => {
    const status = httpStatusOf(headers);
    if (status !== 200) {
      refuse(stream, { ":status": status });
      return;
    }
    const path = headers[":path"] ?? "";
    const open = methods.get(path);
    if (open === undefined) {
      const unknown = statusHeaders({
        code: STATUS.UNIMPLEMENTED,
        details: `no method is called ${path.slice(0, 200)}`,
      });
      refuse(stream, { ":status": 200, "content-type": "application/grpc", ...unknown });
      return;
    }
    open(new ServerCall(stream, headers, share));
  };
  return {
    register: (path, open) => void methods.set(path, open),
    accept: (socket, peer) => {
      const session = performServerHandshake(socket, {
        settings: { maxConcurrentStreams: maxStreamsPerConnection },
        maxSessionMemory: Number.MAX_SAFE_INTEGER, // what waits to be written is counted by those who write
      });
      const connection = new GrpcConnection(session);
      const maxHeldBytes = MAX_HELD_MESSAGES * maxMessageBytes;
      const share: CallShare = { peer, maxMessageBytes, maxHeldBytes, heldBytes: 0 };
      session.on("stream", (stream, headers) => onStream(stream, headers, share));
      return connection;
    },
  };
}
