import type { Printable } from "@bufbuild/protoplugin";
import { translated } from "../pattern.ts";
import { type Check, choice, counted, type Kind, type Rule, type Site } from "./kind.ts";

const hex = (bytes: Uint8Array): string => `0x${Buffer.from(bytes).toString("hex")}`;

const array = (bytes: Uint8Array): string => `[${bytes.join(", ")}]`;

const measured =
  (operator: string, words: string): Rule<number> =>
  (operand, { value }) => ({
    kept: `${value}.length ${operator} ${operand}`,
    allowed: `must have ${words}${counted(operand, "byte")}`,
  });

const same = ({ value, runtime, hoisted }: Site, operand: Uint8Array): Printable[] => [
  runtime("sameBytes"),
  `(${value}, ${hoisted(array(operand))})`,
];

const oneOf = (site: Site, operands: readonly Uint8Array[]): Printable[] =>
  operands.flatMap((operand, i) => [i === 0 ? "" : " || ", ...same(site, operand)]);

const isConst: Rule<Uint8Array> = (operand, site) => ({
  kept: same(site, operand),
  allowed: `must be ${hex(operand)}`,
});

const isIn: Rule<readonly Uint8Array[]> = (operands, site) => ({
  kept: oneOf(site, operands),
  allowed: `must be ${choice(operands.map(hex))}`,
});

const isNotIn: Rule<readonly Uint8Array[]> = (operands, site) => ({
  kept: ["!(", ...oneOf(site, operands), ")"],
  allowed: `must not be ${choice(operands.map(hex))}`,
});

const at =
  (words: string, place: (value: string, length: number) => string): Rule<Uint8Array> =>
  (operand, { value, runtime, hoisted }) => ({
    kept: [runtime("bytesAt"), `(${value}, ${hoisted(array(operand))}, ${place(value, operand.length)})`],
    allowed: `must ${words} ${hex(operand)}`,
  });

const contains: Rule<Uint8Array> = (operand, { value, runtime, hoisted }) => ({
  kept: [runtime("bytesContain"), `(${value}, ${hoisted(array(operand))})`],
  allowed: `must contain ${hex(operand)}`,
});

const pattern: Rule<string> = (operand, { value, runtime, hoisted }) => ({
  kept: [`${hoisted(translated(operand))}.test(`, runtime("textOf"), `(${value}))`],
  allowed: `must match ${operand}`,
});

const is =
  (name: string, words: string) =>
  (_operand: true, { value, format }: Site): Check => ({ kept: [format(name), `(${value})`], allowed: words });

export const BYTES: Kind = {
  rules: {
    const: isConst,
    len: measured("===", ""),
    min_len: measured(">=", "at least "),
    max_len: measured("<=", "at most "),
    pattern,
    prefix: at("start with", () => "0"),
    suffix: at("end with", (value, length) => `${value}.length - ${length}`),
    contains,
    in: isIn,
    not_in: isNotIn,
    ip: is("isIpBytes", "must be an IP address of 4 or 16 bytes"),
    ipv4: is("isIpv4Bytes", "must be an IPv4 address of 4 bytes"),
    ipv6: is("isIpv6Bytes", "must be an IPv6 address of 16 bytes"),
  },
  nonEmpty: ({ value }) => `${value}.length !== 0`,
};
