import { createFileRegistry, fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { describe, expect, test } from "vitest";
import { NOW, ROWS } from "./testdata/rows.ts";
import { workspace } from "./testdata/workspace.ts";

interface Found {
  readonly path: string;
  readonly rule: string;
  readonly message: string;
}

const PROTO = `
syntax = "proto3";
import "google/protobuf/any.proto";
import "google/protobuf/duration.proto";
import "google/protobuf/timestamp.proto";
import "google/protobuf/wrappers.proto";
import "validate/validate.proto";
enum Color { NONE = 0; RED = 1; BLUE = 5; }
message Empty {}
${ROWS.map(({ type, options }, i) => `message Row${i} { ${type} value = 1 [(validate.rules) = {${options}}]; }`).join("\n")}
`;

const rows = await workspace("kinds", { "rows.proto": PROTO });
const generated: Record<string, (message: object, ...now: Date[]) => readonly Found[]> = await import(
  (await rows.generate())("rows.validate.ts")
);

const validator = (i: number) => (value: unknown) => {
  const timed = /_now|within/.test(ROWS[i]?.options ?? "");
  return (generated[`validateRow${i}`] ?? (() => []))({ value }, ...(timed ? [NOW] : []));
};

describe("each rule accepts what keeps it and refuses what breaks it", () => {
  test.each(ROWS.map((row, i) => ({ ...row, found: validator(i) })))(
    "$type {$options}",
    ({ kept, broken, rule, found }) => {
      expect(kept.map(found)).toEqual(kept.map(() => []));
      expect(broken.map((value) => found(value).map((violation) => violation.rule))).toEqual(broken.map(() => [rule]));
    },
  );
});

test("the types of what is generated fit those of ts-proto", async () => {
  expect(await rows.typeErrors()).toBe("");
});

/** The rules of every kind, as `validate/validate.proto` defines them. */
async function rulesDefined(): Promise<readonly string[]> {
  const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, await rows.descriptors()));
  const kinds = registry.getMessage("validate.FieldRules")?.fields ?? [];
  return kinds.flatMap((kind) => (kind.message?.fields ?? []).map((rule) => `${kind.name}.${rule.name}`));
}

test("the table has every rule that there is", async () => {
  const given = ROWS.flatMap(({ options }) => {
    const [kind = "", ...names] = [...options.matchAll(/(\w+):/g)].map(([, name]) => name);
    return names.map((name) => `${kind}.${name}`);
  });
  const missing = (await rulesDefined()).filter((rule) => !given.includes(rule));
  expect(missing).toEqual(["message.skip"]);
});
