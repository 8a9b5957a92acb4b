import { expect, test } from "vitest";
import { STATUS, statusHeaders, timeoutMs } from "./status.ts";

test.each([
  ["1H", 3_600_000],
  ["2M", 120_000],
  ["15S", 15_000],
  ["250m", 250],
  ["500u", 0.5],
  ["100000n", 0.1],
  ["99999999S", 99_999_999_000],
  ["0S", 0],
])("grpc-timeout %s is %d ms", (header, ms) => {
  expect(timeoutMs(header)).toBeCloseTo(ms, 9);
});

test.each([undefined, "", "S", "1", "1s", "-1S", "1.5S", "123456789S", "1S "])("%j is no grpc-timeout", (header) => {
  expect(timeoutMs(header)).toBeUndefined();
});

test("a message is percent-encoded, whatever stands in it, and is read back by decodeURIComponent", () => {
  const details = "100 % “no”\r\nx: y\u0000 \ud800 😀";
  const { "grpc-message": message = "" } = statusHeaders({ code: STATUS.INTERNAL, details });
  expect(message).toMatch(/^[ -~]*$/);
  expect(decodeURIComponent(message)).toBe(details.toWellFormed());
});

test("an empty message is not sent", () => {
  expect(statusHeaders({ code: STATUS.OK, details: "" })).toEqual({ "grpc-status": "0" });
});
