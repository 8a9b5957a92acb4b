import type { HeaderMatcher } from "../../gen/envoy/config/route/v3/route_components.ts";
import type { StringMatcher } from "../../gen/envoy/type/matcher/v3/string.ts";
import { bad, ok, type Parsed } from "../parsed.ts";

export interface HeaderRule {
  readonly name: string;
  /** Whether a request with this value matches; of a header that is absent, undefined. */
  readonly holds: (value: string | undefined) => boolean;
}

type Test = (value: string) => boolean;

function whole(pattern: string): Parsed<Test> {
  try {
    const regex = new RegExp(`^(?:${pattern})$`, "u");
    return ok((value) => regex.test(value));
  } catch {
    return bad(`"${pattern}" is not a regular expression`);
  }
}

function stringTest({ matchPattern, ignoreCase }: StringMatcher): Parsed<Test> {
  if (matchPattern === undefined || matchPattern.$case === "custom") return bad("a string matcher is not supported");
  if (matchPattern.$case === "safeRegex") return whole(matchPattern.value.regex);
  const fold = (text: string): string => (ignoreCase ? text.toLowerCase() : text);
  const wanted = fold(matchPattern.value);
  switch (matchPattern.$case) {
    case "exact":
      return ok((value) => fold(value) === wanted);
    case "prefix":
      return ok((value) => fold(value).startsWith(wanted));
    case "suffix":
      return ok((value) => fold(value).endsWith(wanted));
    case "contains":
      return ok((value) => fold(value).includes(wanted));
  }
}

function testOf({ headerMatchSpecifier: rule }: HeaderMatcher): Parsed<Test> {
  switch (rule?.$case) {
    case "exactMatch":
      return ok((value) => value === rule.value);
    case "prefixMatch":
      return ok((value) => value.startsWith(rule.value));
    case "suffixMatch":
      return ok((value) => value.endsWith(rule.value));
    case "containsMatch":
      return ok((value) => value.includes(rule.value));
    case "safeRegexMatch":
      return whole(rule.value.regex);
    case "stringMatch":
      return stringTest(rule.value);
    case "rangeMatch":
      return ok(
        (value) => /^-?\d+$/.test(value) && Number(value) >= rule.value.start && Number(value) < rule.value.end,
      );
    case "presentMatch":
    case undefined:
      return ok(() => true);
  }
}

/** gRFC A28: a header that is absent matches only a rule that wants it absent. */
export function parseHeader(matcher: HeaderMatcher): Parsed<HeaderRule> {
  const { name, headerMatchSpecifier: rule, invertMatch } = matcher;
  if (rule?.$case === "presentMatch") {
    const present = rule.value !== invertMatch;
    return ok({ name, holds: (value) => (value !== undefined) === present });
  }
  const test = testOf(matcher);
  if (test.kind === "bad") return bad(`header "${name}": ${test.problems.join("; ")}`);
  return ok({ name, holds: (value) => value !== undefined && test.value(value) !== invertMatch });
}
