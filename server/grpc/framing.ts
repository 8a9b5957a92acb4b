/** Messages on an HTTP/2 stream: each behind a flag (1: compressed) and its length in four bytes (PROTOCOL-HTTP2 of gRPC). */
export const PREFIX_BYTES = 5;

/** A frame's first bytes. The rest is the message, which the caller puts there. */
export function writePrefix(frame: Buffer): void {
  frame[0] = 0;
  frame.writeUInt32BE(frame.length - PREFIX_BYTES, 1);
}

/** A message as it goes on the wire, copied. */
export function frameOf(message: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(PREFIX_BYTES + message.length);
  writePrefix(frame);
  frame.set(message, PREFIX_BYTES);
  return frame;
}

export const isCompressed = (frame: Buffer): boolean => frame[0] === 1;
export const messageOf = (frame: Buffer): Buffer => frame.subarray(PREFIX_BYTES);

/** A message is longer than the receiver takes, which its length alone tells. */
export class MessageTooLarge extends Error {
  constructor(bytes: number, maxBytes: number) {
    super(`a message of ${bytes} bytes exceeds the limit of ${maxBytes}`);
  }
}

const NONE: Buffer[] = [];

/** Puts frames together from what the transport brings. A class, since every call has one. */
export class Deframer {
  readonly #maxBytes: number;
  #parts: Buffer[] = NONE;
  #held = 0;
  /** Held bytes from which on looking again is worth it. */
  #wanted = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Bytes of a frame that has not come completely. */
  get held(): number {
    return this.#held;
  }

  /** The frames that `chunk` completes. Throws `MessageTooLarge` as soon as the length is known. */
  push(chunk: Buffer): readonly Buffer[] {
    const data = this.#joined(chunk);
    if (data === undefined) return NONE;
    const frames: Buffer[] = [];
    let at = 0;
    for (let size = this.#sizeAt(data, at); at + size <= data.length; size = this.#sizeAt(data, at)) {
      frames.push(data.subarray(at, at + size));
      at += size;
      this.#wanted = 0;
    }
    if (at < data.length) this.#hold(data.subarray(at));
    return frames;
  }

  /** What was held and `chunk`, unless more is wanted. */
  #joined(chunk: Buffer): Buffer | undefined {
    if (this.#held === 0) return chunk;
    this.#parts.push(chunk);
    this.#held += chunk.length;
    if (this.#held < this.#wanted) return undefined;
    const joined = Buffer.concat(this.#parts, this.#held);
    this.#parts = NONE;
    this.#held = 0;
    return joined;
  }

  #hold(rest: Buffer): void {
    this.#parts = [rest];
    this.#held = rest.length;
  }

  /** How long the frame that begins at `at` is; at least a prefix. Notes it as wanted. */
  #sizeAt(data: Buffer, at: number): number {
    this.#wanted = PREFIX_BYTES;
    if (data.length - at < PREFIX_BYTES) return PREFIX_BYTES;
    const bytes = data.readUInt32BE(at + 1);
    if (bytes > this.#maxBytes) throw new MessageTooLarge(bytes, this.#maxBytes);
    this.#wanted = PREFIX_BYTES + bytes;
    return this.#wanted;
  }
}
