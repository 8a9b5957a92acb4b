import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { createFileRegistry, type DescMessage, fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { withNested } from "./emit.ts";
import { validatorName } from "./names.ts";
import { optionsOf } from "./options.ts";
import type { Rules } from "./rules.ts";

const ROOT = path.resolve(import.meta.dirname, "../..");
const GEN = path.join(ROOT, "gen");

const { inputs } = parse(readFileSync(path.join(ROOT, "buf.gen.yaml"), "utf8"));
const paths: string[] = inputs[0].paths.flatMap((each: string) => ["--path", each]);
const buf = path.join(ROOT, "node_modules/.bin/buf");
const image = execFileSync(buf, ["build", "--as-file-descriptor-set", "-o", "-", ...paths], {
  cwd: ROOT,
  maxBuffer: 2 ** 26,
});
const files = [...createFileRegistry(fromBinary(FileDescriptorSetSchema, image)).files];
const options = optionsOf(files);

/** What other rules mean, or whether to look further; no code is made of them alone. */
const MODIFIERS = /\.(?:strict|ignore_empty|skip)$/;

/** The rules of a field as violations name them. */
function namesOf({ kind, operands, message, inner }: Rules, under = ""): readonly string[] {
  const own = [...operands.keys()].map((rule) => `${under}${kind}.${rule}`);
  const ofMessage = [...message].map((rule) => `${under}message.${rule}`);
  const inside = [...inner].flatMap(([place, rules]) => namesOf(rules, `${under}${kind}.${place}.`));
  return [...own, ...ofMessage, ...inside].filter((name) => !MODIFIERS.test(name));
}

interface Use {
  readonly rule: string;
  readonly message: DescMessage;
  /** The field or oneof. */
  readonly name: string;
}

const usesIn = (message: DescMessage): readonly Use[] => [
  ...message.oneofs.filter(options.isRequired).map(({ name }) => ({ rule: "oneof.required", message, name })),
  ...message.fields.flatMap((field) =>
    namesOf(options.rules(field)).map((rule) => ({ rule, message, name: field.name })),
  ),
];

const uses = Map.groupBy(
  files.flatMap((file) => file.messages.flatMap(withNested)).flatMap(usesIn),
  ({ rule }) => rule,
);

/** The generated validator of a message. */
function codeOf(message: DescMessage): string {
  const source = readFileSync(path.join(GEN, `${message.file.name}.validate.ts`), "utf8");
  return source.split(`export function ${validatorName(message)}(`)[1]?.split("\n}")[0] ?? "";
}

/** A range whose lower bound is above the upper one is one check, named after the lower bound. */
const isUpperOfInverted = (rule: string, line: string): boolean =>
  /\.lte?$/.test(rule) && / or (?:at least|more than) /.test(line);

const isChecked = ({ rule, message, name }: Use): boolean =>
  codeOf(message)
    .split("\n")
    .filter((line) => new RegExp(`["\`]${name}["\`[]`).test(line))
    .some((line) => line.includes(`"${rule}"`) || isUpperOfInverted(rule, line));

describe("every rule that the Envoy protos in use carry is in the validator of its message", () => {
  test.each([...uses].toSorted().map(([rule, of]) => ({ rule, of, count: of.length })))(
    "$rule, $count times",
    ({ of }) => {
      const unchecked = of.filter((use) => !isChecked(use));
      expect(unchecked.map(({ message, name }) => `${message.typeName}.${name}`)).toEqual([]);
    },
  );
});

test("there are the rules that are known to be there", () => {
  expect([...uses.keys()]).toEqual(
    expect.arrayContaining(["string.min_len", "duration.gt", "oneof.required", "map.keys.string.min_len"]),
  );
});
