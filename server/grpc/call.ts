import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from "node:http2";
import { Deframer, isCompressed, MessageTooLarge, messageOf } from "./framing.ts";
import { ENCODINGS, inflated } from "./inflate.ts";
import { STATUS, type Status, statusHeaders, timeoutMs } from "./status.ts";

/** Who serves a call is told what comes of it, in order. */
export interface CallListener {
  message(bytes: Buffer): void;
  /** The client sends nothing more. */
  halfClosed(): void;
  /** The call is over, by whatever end, or broken off. Nothing comes after it. Called once. */
  closed(): void;
}

/** What the calls of one connection share. */
export interface CallShare {
  readonly peer: string;
  /** Of one message. */
  readonly maxMessageBytes: number;
  /** Of all messages of the connection that have not come completely, together. */
  readonly maxHeldBytes: number;
  heldBytes: number;
}

const HEADERS = {
  ":status": 200,
  "content-type": "application/grpc+proto",
  "grpc-accept-encoding": ENCODINGS,
};
const WITH_TRAILERS = { waitForTrailers: true };
const AT_END = { endStream: true };
/** What a timer of Node can wait. */
const LONGEST_MS = 2 ** 31 - 1;

const UNHEARD: CallListener = { message: () => {}, halfClosed: () => {}, closed: () => {} };

/** One gRPC call on an HTTP/2 stream. A class, since there are many and closures would cost each a function. */
export class ServerCall {
  readonly peer: string;
  readonly #stream: ServerHttp2Stream;
  readonly #share: CallShare;
  readonly #encoding: string;
  readonly #deframer: Deframer;
  readonly #deadline: NodeJS.Timeout | undefined;
  #listener: CallListener = UNHEARD;
  #isOver = false;
  /** Settles when a compressed message, and all that came after it, was handed on. */
  #inflating: Promise<void> | undefined;

  constructor(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, share: CallShare) {
    this.peer = share.peer;
    this.#stream = stream;
    this.#share = share;
    this.#encoding = String(headers["grpc-encoding"] ?? "identity");
    this.#deframer = new Deframer(share.maxMessageBytes);
    const ms = timeoutMs(headers["grpc-timeout"]?.toString());
    if (ms !== undefined) this.#deadline = setTimeout(() => this.end(TOO_LATE), Math.min(ms, LONGEST_MS));
    stream.on("data", (chunk: Buffer) => this.#onData(chunk));
    stream.on("end", () => this.#inOrder(() => this.#listener.halfClosed()));
    stream.on("error", () => {}); // "close" follows
    stream.on("close", () => this.#close());
  }

  /** From now on `listener` is told; what had come before is lost, so it is set while the call is opened. */
  listen(listener: CallListener): void {
    this.#listener = listener;
  }

  /** Sends a message with its prefix (`framing.ts`), which may be shared by calls. `onWritten` when it has left the process. */
  write(frame: Buffer, onWritten?: () => void): void {
    if (this.#isOver || this.#stream.destroyed) return;
    if (!this.#stream.headersSent) this.#stream.respond(HEADERS, WITH_TRAILERS);
    this.#stream.write(frame, onWritten);
  }

  /** Sends what was written, then the status. The listener is told that the call is closed once the client has it. */
  end(status: Status): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#deadline);
    if (this.#stream.destroyed) return;
    const trailers = statusHeaders(status);
    if (this.#stream.headersSent) {
      this.#stream.once("wantTrailers", () => {
        this.#stream.sendTrailers(trailers);
        this.#letGo();
      });
      this.#stream.end();
    } else {
      this.#stream.respond({ ...HEADERS, ...trailers }, AT_END);
      this.#letGo();
    }
    this.#stream.resume(); // what still comes is dropped
  }

  /** A client that goes on sending is told that nobody listens (RFC 9113, 8.1), or the stream would stay as long as it likes. */
  #letGo(): void {
    setImmediate(() => this.#stream.close(constants.NGHTTP2_NO_ERROR)); // at once, it would overtake the status
  }

  /** Messages wait with the client, where HTTP/2's flow control counts them. */
  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    if (this.#inflating === undefined) this.#stream.resume();
  }

  #onData(chunk: Buffer): void {
    if (this.#isOver) return;
    try {
      const before = this.#deframer.held;
      const frames = this.#deframer.push(chunk);
      this.#share.heldBytes += this.#deframer.held - before;
      for (const frame of frames) this.#take(frame);
    } catch (error) {
      if (!(error instanceof MessageTooLarge)) throw error;
      this.end({ code: STATUS.RESOURCE_EXHAUSTED, details: error.message });
    }
    if (this.#share.heldBytes > this.#share.maxHeldBytes) this.end(TOO_MUCH);
  }

  #take(frame: Buffer): void {
    if (isCompressed(frame)) this.#inflate(messageOf(frame));
    else this.#inOrder(() => this.#listener.message(messageOf(frame)));
  }

  #inOrder(tell: () => void): void {
    if (this.#inflating === undefined) {
      if (!this.#isOver) tell();
      return;
    }
    this.#after(this.#inflating.then(() => this.#isOver || tell()));
  }

  #inflate(message: Buffer): void {
    this.#stream.pause();
    const { maxMessageBytes } = this.#share;
    const take = async (): Promise<void> => {
      const result = await inflated(message, this.#encoding, maxMessageBytes);
      if (this.#isOver) return;
      if (Buffer.isBuffer(result)) this.#listener.message(result);
      else this.end(result);
    };
    this.#after(this.#inflating === undefined ? take() : this.#inflating.then(take));
  }

  /** What comes later waits for `work`, and the stream is read on when nothing waits any more. */
  #after(work: Promise<unknown>): void {
    const inflating = work.then(() => {
      if (this.#inflating !== inflating) return;
      this.#inflating = undefined;
      this.#stream.resume();
    });
    this.#inflating = inflating;
  }

  #close(): void {
    this.#isOver = true;
    clearTimeout(this.#deadline);
    this.#share.heldBytes -= this.#deframer.held;
    this.#listener.closed();
  }
}

const TOO_LATE: Status = { code: STATUS.DEADLINE_EXCEEDED, details: "the call took longer than its client allows" };
const TOO_MUCH: Status = {
  code: STATUS.RESOURCE_EXHAUSTED,
  details: "too much of unfinished messages on one connection",
};
