import { status } from "@grpc/grpc-js";
import { expect, test } from "vitest";
import { statusOf } from "./ending.ts";

test("S30 S31: for its own reasons the server ends a stream with OK or UNAVAILABLE, so that no RPC sees another code", () => {
  const own = ["client closed", "the server is draining", "the client does not read"] as const;
  expect(own.map((ending) => statusOf(ending).code)).toEqual([status.OK, status.UNAVAILABLE, status.UNAVAILABLE]);
});

test("E5: RESOURCE_EXHAUSTED is for who exceeds its own limits", () => {
  const limits = ["too many requests per second", "too many resource names"] as const;
  expect(new Set(limits.map((ending) => statusOf(ending).code))).toEqual(new Set([status.RESOURCE_EXHAUSTED]));
});
