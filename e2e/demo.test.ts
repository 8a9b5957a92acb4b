import { expect, test } from "vitest";
import { runEvenkeel } from "./harness/command.ts";

test("the demo, in short, fails no request and keeps its figures", { timeout: 90_000 }, async () => {
  const { code, stdout, stderr } = await runEvenkeel(["demo", "--quick"]);
  expect({ code, stderr, stdout }).toEqual({
    code: 0,
    stderr: "",
    stdout: expect.stringContaining("All figures hold."),
  });
});
