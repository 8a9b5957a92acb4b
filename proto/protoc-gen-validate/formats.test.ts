import { isIP } from "node:net";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isEmail, isHostname, isIpv4, isIpv6, isUri, isUriRef, isUuid } from "./formats.ts";

const addressLike = fc
  .array(fc.constantFrom(":", "::", ".", "0", "1", "ffff", "255", "256", "g", "1.2.3.4"), { maxLength: 16 })
  .map((parts) => parts.join(""));

describe("IP addresses", () => {
  test("those of version 4 are Node's", () => {
    fc.assert(fc.property(fc.oneof(fc.ipV4(), addressLike), (text) => isIpv4(text) === (isIP(text) === 4)));
  });

  test("those of version 6 are Node's", () => {
    const texts = fc.oneof(fc.ipV6(), addressLike);
    fc.assert(
      fc.property(texts, (text) => isIpv6(text) === (isIP(text) === 6)),
      { numRuns: 1000 },
    );
  });
});

describe("names and addresses of the Internet", () => {
  test("every domain is a hostname", () => {
    fc.assert(fc.property(fc.domain(), isHostname));
  });

  test("every mail address is one", () => {
    fc.assert(fc.property(fc.emailAddress(), isEmail));
  });

  test("every web address is a URI and a URI reference", () => {
    fc.assert(
      fc.property(fc.webUrl({ withFragments: true, withQueryParameters: true }), (url) => isUri(url) && isUriRef(url)),
    );
  });

  test("every UUID is one", () => {
    fc.assert(fc.property(fc.uuid(), isUuid));
  });

  test.each(["\u017f", "\u212a"])("%s, which is a letter of ASCII in another case, is not in them", (letter) => {
    expect([isHostname(letter), isUri(`${letter}:`), isUriRef(letter)]).toEqual([false, false, false]);
  });

  test.each([
    [`${"a".repeat(64)}@b.c`, true],
    [`${"a".repeat(65)}@b.c`, false],
    ["a@b@c.d", false],
    ["Anne <a@b.c>", false],
    ['"a\\"b"@c.d', true],
    ["ä@b.c", true],
    ["a..b@c.d", false],
  ])("whether %s is a mail address: %s", (text, expected) => {
    expect(isEmail(text)).toBe(expected);
  });
});
