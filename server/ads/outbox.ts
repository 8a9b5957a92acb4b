/** What was written to a call and has not left the process. */
export interface Outbox {
  /** Nothing more is to be written for now (E4). */
  readonly isBlocked: boolean;
  /** Bytes are waiting, and none has left, since then; milliseconds that only grow. Undefined while nothing waits. */
  readonly stuckSince: number | undefined;
}

/** Above this many bytes on their way, nothing more is written; one response may pass it. */
export const MAX_WAITING_BYTES = 256 * 1024;
/** One less than a call of grpc-js takes before its `write()` returns false: so it never does. */
const MAX_WAITING = 15;

/** Counts bytes by the callbacks of `write()`, since grpc-js's own limit counts responses, however large. */
export class WriteCounter implements Outbox {
  #bytes = 0;
  #sizes: number[] = [];
  #movedAt = 0;

  get isBlocked(): boolean {
    return this.#bytes >= MAX_WAITING_BYTES || this.#sizes.length >= MAX_WAITING;
  }

  get stuckSince(): number | undefined {
    return this.#sizes.length === 0 ? undefined : this.#movedAt;
  }

  wrote(bytes: number, now: number): void {
    if (this.#sizes.length === 0) this.#movedAt = now;
    this.#sizes.push(bytes);
    this.#bytes += bytes;
  }

  /** The oldest write has left. True when that unblocked it. */
  left(now: number): boolean {
    const wasBlocked = this.isBlocked;
    this.#bytes -= this.#sizes.shift() ?? 0;
    this.#movedAt = now;
    return wasBlocked && !this.isBlocked;
  }
}
