/** As much of HTTP/2 as one gRPC stream per connection needs, so that thousands of clients cost the machine little. */

export const DATA = 0;
export const HEADERS = 1;
export const RESET = 3;
export const SETTINGS = 4;
export const PING = 6;
export const GO_AWAY = 7;
const WINDOW_UPDATE = 8;

export const ACK = 1;
export const END_STREAM = 1;
const END_HEADERS = 4;

const FRAME_HEAD = 9;
const MESSAGE_HEAD = 5;
const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
const NOTHING = Buffer.alloc(0);

export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly payload: Buffer;
}

/** Cuts a flow of bytes into units: a head of fixed size, and what the head says follows it. */
function createCutter(headBytes: number, restBytes: (head: Buffer) => number, take: (unit: Buffer) => void) {
  let left: Buffer = NOTHING;
  return (chunk: Buffer): void => {
    const bytes = left.length === 0 ? chunk : Buffer.concat([left, chunk]);
    let at = 0;
    while (bytes.length - at >= headBytes) {
      const end = at + headBytes + restBytes(bytes.subarray(at, at + headBytes));
      if (end > bytes.length) break;
      take(bytes.subarray(at, end));
      at = end;
    }
    left = bytes.subarray(at);
  };
}

/** Takes the bytes of a connection, gives its frames. */
export const createFrameReader = (take: (frame: Frame) => void): ((chunk: Buffer) => void) =>
  createCutter(
    FRAME_HEAD,
    (head) => head.readUIntBE(0, 3),
    (unit) => take({ type: unit.readUInt8(3), flags: unit.readUInt8(4), payload: unit.subarray(FRAME_HEAD) }),
  );

/** Takes the payloads of a stream's DATA frames, gives its gRPC messages. */
export const createMessageReader = (take: (message: Buffer) => void): ((chunk: Buffer) => void) =>
  createCutter(
    MESSAGE_HEAD,
    (head) => head.readUInt32BE(1),
    (unit) => take(unit.subarray(MESSAGE_HEAD)),
  );

export function frameBytes(type: number, flags: number, stream: number, payload: Uint8Array = NOTHING): Buffer {
  const frame = Buffer.allocUnsafe(FRAME_HEAD + payload.length);
  frame.writeUIntBE(payload.length, 0, 3);
  frame.writeUInt8(type, 3);
  frame.writeUInt8(flags, 4);
  frame.writeUInt32BE(stream, 5);
  frame.set(payload, FRAME_HEAD);
  return frame;
}

/** A gRPC message in a DATA frame of the connection's only stream. It must be below the frame size, 16 KiB. */
export function messageBytes(message: Uint8Array): Buffer {
  const payload = Buffer.alloc(MESSAGE_HEAD + message.length);
  payload.writeUInt32BE(message.length, 1);
  payload.set(message, MESSAGE_HEAD);
  return frameBytes(DATA, 0, 1, payload);
}

/** Gives so many bytes back to the windows of the connection and of its only stream. */
export function windowBytes(increment: number): Buffer {
  const payload = Buffer.allocUnsafe(4);
  payload.writeUInt32BE(increment);
  return Buffer.concat([frameBytes(WINDOW_UPDATE, 0, 0, payload), frameBytes(WINDOW_UPDATE, 0, 1, payload)]);
}

/** HPACK: a literal without indexing; names and values must be shorter than 127 bytes. */
const headerBytes = ([name, value]: readonly [string, string]): Buffer =>
  Buffer.concat([Buffer.from([0, name.length]), Buffer.from(name), Buffer.from([value.length]), Buffer.from(value)]);

/** What a client says first: preface, settings, and the call of a bidirectional gRPC method. */
export function openingBytes(path: string): Buffer {
  const headers: readonly (readonly [string, string])[] = [
    [":method", "POST"],
    [":scheme", "http"],
    [":path", path],
    [":authority", "127.0.0.1"],
    ["content-type", "application/grpc"],
    ["te", "trailers"],
    ["user-agent", "bench"],
  ];
  const block = Buffer.concat(headers.map(headerBytes));
  return Buffer.concat([PREFACE, frameBytes(SETTINGS, 0, 0), frameBytes(HEADERS, END_HEADERS, 1, block)]);
}
