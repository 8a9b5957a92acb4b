import fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalAddress, isAddress } from "./address.ts";

test.each([
  ["FD00:0:0:0:0:0:0:1", "fd00::1"],
  ["fd00::0001", "fd00::1"],
  ["1:0:0:2:0:0:0:3", "1:0:0:2::3"],
  ["1:0:2:3:4:5:6:7", "1:0:2:3:4:5:6:7"],
  ["::", "::"],
])("%s is written %s", (text, canonical) => {
  expect(canonicalAddress(text, "IPv6")).toBe(canonical);
});

test.each(["", ":", "1::2::3", "fe80::1%eth0", "[::1]", "::1]/x[", "12345::", "1:2:3:4:5:6:7:8:9", "10.0.0.1", "a.b"])(
  "%j is no IPv6 address",
  (text) => {
    expect(canonicalAddress(text, "IPv6")).toBeUndefined();
  },
);

test.each(["", "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "1.2.3.4 ", "0x1.2.3.4", "::1", "host"])(
  "%j is no IPv4 address",
  (text) => {
    expect(canonicalAddress(text, "IPv4")).toBeUndefined();
  },
);

test("a canonical address is its own canonical form, and every address has one", () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
      const family = text.includes(":") ? "IPv6" : "IPv4";
      const canonical = canonicalAddress(text, family) ?? "none";
      expect(isAddress(text)).toBe(true);
      expect(canonicalAddress(canonical, family)).toBe(canonical);
    }),
  );
});
