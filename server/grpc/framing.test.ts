import fc from "fast-check";
import { expect, test } from "vitest";
import { Deframer, frameOf, isCompressed, MessageTooLarge, messageOf } from "./framing.ts";

/** `bytes` cut where `cuts` say. */
function pieces(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  return at.slice(1).map((end, before) => bytes.subarray(at[before], end));
}

test("messages come out as they were put in, however the transport cuts them, and nothing stays held", () => {
  const messages = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 8 });
  fc.assert(
    fc.property(messages, fc.array(fc.nat(3000), { maxLength: 20 }), (sent, cuts) => {
      const deframer = new Deframer(300);
      const came = pieces(Buffer.concat(sent.map(frameOf)), cuts).flatMap((piece) => deframer.push(piece));
      expect(came.map((frame) => [...messageOf(frame)])).toEqual(sent.map((message) => [...message]));
      expect([deframer.held, came.some(isCompressed)]).toEqual([0, false]);
    }),
  );
});

test("what is held is what came of an unfinished frame", () => {
  const deframer = new Deframer(100);
  const frame = frameOf(Buffer.alloc(50));
  const held = [3, 40].map((end, at) => {
    deframer.push(frame.subarray(at === 0 ? 0 : 3, end));
    return deframer.held;
  });
  expect(held).toEqual([3, 40]);
});

test("E3: a message that is too long is refused by its length, before it has come", () => {
  const deframer = new Deframer(100);
  const prefix = frameOf(Buffer.alloc(101)).subarray(0, 5);
  expect(() => deframer.push(prefix)).toThrow(MessageTooLarge);
});
