import type { Kind } from "./kind.ts";
import { ordered } from "./ordered.ts";

const numbersRead = (read: (value: string) => string): Kind => ({
  ...ordered<number>({
    against: ({ value }, operator, operand) => `${read(value)} ${operator} ${operand}`,
    compare: (a, b) => a - b,
    text: String,
  }),
  nonEmpty: ({ value }) => `${value} !== 0`,
});

/** Integers and doubles. */
export const NUMBER = numbersRead((value) => value);

/** A message may hold a double where the wire will hold a float, and rules speak of the wire. */
export const FLOAT = numbersRead((value) => `globalThis.Math.fround(${value})`);
