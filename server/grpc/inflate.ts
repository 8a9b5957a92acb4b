import { gunzip, type InputType, inflate, type ZlibOptions } from "node:zlib";
import { STATUS, type Status } from "./status.ts";

type Inflate = (data: InputType, options: ZlibOptions, done: (error: Error | null, bytes: Buffer) => void) => void;

const BY_ENCODING: ReadonlyMap<string, Inflate> = new Map([
  ["gzip", gunzip],
  ["deflate", inflate],
]);

/** `grpc-accept-encoding`. */
export const ENCODINGS = ["identity", ...BY_ENCODING.keys()].join(",");

/** A compressed message, or why it cannot be read. `maxBytes` binds what comes out: a few bytes may stand for many. */
export function inflated(message: Buffer, encoding: string, maxBytes: number): Promise<Buffer | Status> {
  const { promise, resolve } = Promise.withResolvers<Buffer | Status>();
  const run = BY_ENCODING.get(encoding);
  if (run === undefined) {
    const details = `messages may be compressed by ${ENCODINGS}, not by ${JSON.stringify(encoding)}`;
    return Promise.resolve({ code: STATUS.UNIMPLEMENTED, details });
  }
  run(message, { maxOutputLength: maxBytes }, (error, bytes) => {
    if (error === null) resolve(bytes);
    else if ("code" in error && error.code === "ERR_BUFFER_TOO_LARGE")
      resolve({ code: STATUS.RESOURCE_EXHAUSTED, details: `a message is larger than ${maxBytes} bytes, inflated` });
    else resolve({ code: STATUS.INTERNAL, details: "a compressed message cannot be inflated" });
  });
  return promise;
}
