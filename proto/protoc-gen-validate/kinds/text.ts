import type { Printable } from "@bufbuild/protoplugin";
import { translated } from "../pattern.ts";
import { type Check, counted, equals, isIn, isNotIn, type Kind, literal, type Rule, type Site } from "./kind.ts";

type Measure = (site: Site) => Printable;

const inCharacters: Measure = ({ value, runtime }) => [runtime("characters"), `(${value})`];
const inBytes: Measure = ({ value, runtime }) => [runtime("utf8Length"), `(${value})`];

const length =
  (measure: Measure, unit: string): Rule<number> =>
  (operand, site) => ({
    kept: [measure(site), ` === ${operand}`],
    allowed: `must have ${counted(operand, unit)}`,
  });

/** An empty text is empty in every unit. */
const atLeast =
  (measure: Measure, unit: string): Rule<number> =>
  (operand, site) => ({
    kept: operand === 1 ? `${site.value} !== ""` : [measure(site), ` >= ${operand}`],
    allowed: `must have at least ${counted(operand, unit)}`,
  });

const atMost =
  (measure: Measure, unit: string): Rule<number> =>
  (operand, site) => ({
    kept: [measure(site), ` <= ${operand}`],
    allowed: `must have at most ${counted(operand, unit)}`,
  });

const calls =
  (method: string, words: string): Rule<string> =>
  (operand, { value }) => ({
    kept: `${value}.${method}(${literal(operand)})`,
    allowed: `must ${words} ${literal(operand)}`,
  });

const notContains: Rule<string> = (operand, { value }) => ({
  kept: `!${value}.includes(${literal(operand)})`,
  allowed: `must not contain ${literal(operand)}`,
});

const pattern: Rule<string> = (operand, { value, hoisted }) => ({
  kept: `${hoisted(translated(operand))}.test(${value})`,
  allowed: `must match ${operand}`,
});

const formatted = (name: string, words: string, { value, format }: Site): Check => ({
  kept: [format(name), `(${value})`],
  allowed: `must be ${words}`,
});

const is =
  (name: string, words: string): Rule<true> =>
  (_operand, site) =>
    formatted(name, words, site);

/** By the numbers of `validate.KnownRegex`. */
const HEADER_FORMATS: ReadonlyMap<number, readonly [name: string, words: string]> = new Map([
  [1, ["isHeaderName", "an HTTP header name"]],
  [2, ["isHeaderValue", "an HTTP header value"]],
]);

const knownRegex: Rule<number> = (operand, site) => {
  const strict = HEADER_FORMATS.get(operand);
  if (strict === undefined) throw new Error(`well_known_regex ${operand} is not known`);
  const [name, words] = strict;
  return site.operands.get("strict") === false
    ? formatted("isHeaderText", "without NUL and line ends", site)
    : formatted(name, words, site);
};

export const STRING: Kind = {
  rules: {
    const: equals,
    len: length(inCharacters, "character"),
    min_len: atLeast(inCharacters, "character"),
    max_len: atMost(inCharacters, "character"),
    len_bytes: length(inBytes, "byte"),
    min_bytes: atLeast(inBytes, "byte"),
    max_bytes: atMost(inBytes, "byte"),
    pattern,
    prefix: calls("startsWith", "start with"),
    suffix: calls("endsWith", "end with"),
    contains: calls("includes", "contain"),
    not_contains: notContains,
    in: isIn(),
    not_in: isNotIn(),
    email: is("isEmail", "an email address"),
    hostname: is("isHostname", "a hostname"),
    ip: is("isIp", "an IP address"),
    ipv4: is("isIpv4", "an IPv4 address"),
    ipv6: is("isIpv6", "an IPv6 address"),
    uri: is("isUri", "a URI with a scheme"),
    uri_ref: is("isUriRef", "a URI reference"),
    address: is("isAddress", "a hostname or an IP address"),
    uuid: is("isUuid", "a UUID"),
    well_known_regex: knownRegex,
  },
  nonEmpty: ({ value }) => `${value} !== ""`,
};
