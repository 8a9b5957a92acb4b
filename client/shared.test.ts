import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { VERSION } from "./shared.ts";

test("the version that servers are told is the package's", () => {
  const { version } = JSON.parse(readFileSync(new URL("package.json", import.meta.url), "utf8")) as { version: string };
  expect(VERSION).toBe(version);
});
