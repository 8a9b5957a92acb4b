/** Above this many bytes on their way, nothing more is written; one response may pass it. */
const MAX_WAITING_BYTES = 256 * 1024;
/** Nor above this many responses: what waits grows old, and one made later has the newest state. */
const MAX_WAITING = 15;

/** What was written to a call and has not left the process, counted by the callbacks of `write()`. */
export class Outbox {
  #bytes = 0;
  #sizes: number[] = [];
  #movedAt = 0;

  /** Nothing more is to be written for now (E4). */
  get isBlocked(): boolean {
    return this.#bytes >= MAX_WAITING_BYTES || this.#sizes.length >= MAX_WAITING;
  }

  /** Bytes are waiting, and none has left, since then; milliseconds that only grow. Undefined while nothing waits. */
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
