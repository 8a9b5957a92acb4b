import { expect, test } from "vitest";
import { translated } from "./pattern.ts";

const regexp = (pattern: string): RegExp => {
  const [source, flags] = JSON.parse(translated(pattern).replace(/^new globalThis\.RegExp\((.*)\)$/, "[$1]"));
  return new RegExp(source, flags);
};

test.each([
  ["^[0-9a-zA-Z_\\-\\./~:]+$", ["a-b.c/d~e:f_0"], ["", "a b", "é"]],
  ["^.$", ["a", "😀", "\r", "\u2028"], ["\n", "ab"]],
  ["(?s)^.$", ["\n"], ["", "ab"]],
  ["(?i)^ab$", ["aB"], ["abc"]],
  ["(?is)^a.$", ["A\n"], ["a"]],
  ["^\\s$", [" ", "\t", "\f"], ["\v", "\u00a0"]],
  ["^\\S$", ["\v", "\u00a0", "😀"], [" "]],
  ["^[\\S\\n]$", ["a", "\n"], [" "]],
  ["^\\d\\D\\w\\W$", ["1a_-"], ["aa_-"]],
  ["^[\\d\\D]$", ["1", "a"], [""]],
  ["\\Aab\\z", ["ab"], ["cab", "ab\n"]],
  ["\\bab\\B", ["abc", " abc"], ["ab", "cabc"]],
  ["^\\Qa.b|\\E+$", ["a.b|", "a.b||"], ["axb|"]],
  ["^\\Q[", ["["], ["a"]],
  ["^[]a-]+$", ["]a-"], ["b"]],
  ["^[^]a]$", ["b"], ["]", "a"]],
  ["^[[a]$", ["[", "a"], ["]"]],
  ["^[\\w-.]+$", ["a-."], [","]],
  ["^[+--]+$", ["+,-"], ["."]],
  ["^[a-c\\x{1F600}-\\x{1F602}]$", ["b", "😁"], ["d", "😃"]],
  ["^[&&~~||]$", ["&", "~", "|"], ["a"]],
  ["^[[:alpha:][:digit:]]+$", ["aZ09"], ["_", "é"]],
  ["^[[:^alpha:]]$", ["1", "é"], ["a"]],
  ["^[[:punct:]]+$", ["!/:@[`{~"], ["a", " "]],
  ["^[^[:space:]]$", ["a"], ["\v", " "]],
  ["^\\pL\\p{Greek}\\p{^Greek}\\PL[\\p{Lu}]$", ["aαa1A"], ["aαα1A"]],
  ["^\\x41\\x{1F600}\\101\\0$", ["A😀A\0"], ["AA"]],
  ["^\\a\\f\\t\\n\\r\\v$", ["\u0007\f\t\n\r\v"], [""]],
  ["^(?P<first>a)(?<second>b)(?:c)(d)$", ["abcd"], ["abc"]],
  ["^a{2}b{1,}c{0,1}?d*?e+$", ["aabe", "aabbcdde"], ["abe"]],
  ["^a{,2}{$", ["a{,2}{"], ["aa{"]],
  ["^\\-\\/\\@\\{\\_$", ["-/@{_"], ["a"]],
  ["a-b'\"_/&", ["xa-b'\"_/&y"], ["a"]],
])("%s matches what it matches in RE2", (pattern, matched, others) => {
  const texts = [...matched, ...others];
  expect(texts.filter((text) => regexp(pattern).test(text))).toEqual(matched);
});

test.each([
  ["a(?=b)", "there is no JavaScript for flags after the start, nor does RE2 look around"],
  ["a(?i)b", "there is no JavaScript for flags after the start, nor does RE2 look around"],
  ["(?m)^a$", "there is no JavaScript for flags after the start, nor does RE2 look around"],
  ["(a)\\1", "there is no JavaScript for \\1"],
  ["\\C", "there is no JavaScript for \\C"],
  ["a\\", "there is no JavaScript for \\"],
  ["[a", "there is no JavaScript for a bracket that does not end"],
  ["[[:letter:]]", "[:letter:] is no class of RE2"],
  ["\\p{Klingon}", "Invalid regular expression: /\\p{Script=Klingon}/v: Invalid property name"],
  ["a**", "Invalid regular expression: /a**/v: Nothing to repeat"],
])("%s has no translation", (pattern, reason) => {
  const message = `the pattern ${JSON.stringify(pattern)} cannot be translated: ${reason}`;
  expect(() => translated(pattern)).toThrow(new Error(message));
});
