import { expect, test } from "vitest";
import { complaint, readFlags } from "./flags.ts";

const KINDS = { zone: "value", metadata: "values", keep: "switch" } as const;

test.each([
  [["--zone", "a"], [["zone", ["a"]]], []],
  [["--zone=a=b"], [["zone", ["a=b"]]], []],
  [["--zone="], [["zone", [""]]], []],
  [["--zone", "-1"], [["zone", ["-1"]]], []],
  [["--metadata", "a=1", "--metadata=b=2"], [["metadata", ["a=1", "b=2"]]], []],
  [["--keep", "path"], [["keep", [""]]], ["path"]],
  [["path", "--zone", "a", "other"], [["zone", ["a"]]], ["path", "other"]],
])("%j is understood", (args, given, positionals) => {
  expect(readFlags(args, KINDS)).toEqual({ given: new Map(given as [string, string[]][]), positionals, problems: [] });
});

test.each([
  [["--zone"], "--zone needs a value"],
  [["--zone", "--keep"], "--zone needs a value"],
  [["--zone", "a", "--zone", "b"], "--zone is given more than once"],
  [["--keep=yes"], "--keep takes no value"],
  [["--zome", "a"], "unknown flag --zome; did you mean --zone?"],
  [["--constructor"], "unknown flag --constructor"],
])("%j is refused", (args, problem) => {
  expect(readFlags(args, KINDS).problems).toEqual([problem]);
});

test("the value of an unknown flag is not taken for an argument", () => {
  expect(readFlags(["--zome", "a", "path"], KINDS).positionals).toEqual(["path"]);
});

test("a complaint has a line for each problem and says where to look", () => {
  expect(complaint("demo", ["one", "two"])).toBe(
    "evenkeel demo: one\nevenkeel demo: two\nevenkeel demo --help tells more\n",
  );
});
