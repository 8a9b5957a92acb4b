/** The beginning of a line whose end has not come yet. */
export interface Unfinished {
  readonly parts: readonly Uint8Array[];
  readonly bytes: number;
}

export const NOTHING_UNFINISHED: Unfinished = { parts: [], bytes: 0 };

const NEWLINE = 0x0a;

/** Splits what has come into lines. Bytes become text only in whole lines, since a character may be cut in two. */
export function splitLines(
  before: Unfinished,
  chunk: Buffer,
): { readonly lines: readonly string[]; readonly unfinished: Unfinished } {
  const lines: string[] = [];
  let { parts, bytes } = before;
  let from = 0;
  for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
    const last = chunk.subarray(from, end);
    const line = parts.length === 0 ? last : Buffer.concat([...parts, last]);
    if (line.length > 0) lines.push(line.toString("utf8"));
    [parts, bytes, from] = [[], 0, end + 1];
  }
  if (from === chunk.length) return { lines, unfinished: { parts, bytes } };
  return { lines, unfinished: { parts: [...parts, chunk.subarray(from)], bytes: bytes + chunk.length - from } };
}
