import { readFile } from "node:fs/promises";
import path from "node:path";
import { create, fromBinary } from "@bufbuild/protobuf";
import { CodeGeneratorRequestSchema, type FileDescriptorSet, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { describe, expect, test } from "vitest";
import { plugin } from "./plugin.ts";
import { workspace } from "./testdata/workspace.ts";

/** A field with rules that no code can be made of, and what the error says after the field's name. */
type Refused = readonly [field: string, options: string, reason: string];

const REFUSED: readonly Refused[] = [
  ["string value", "uint32: {gte: 1}", "uint32 rules do not fit string"],
  ["uint32 value", "sint32: {gte: 1}", "sint32 rules do not fit uint32"],
  ["repeated string value", "string: {min_len: 1}", "string rules do not fit repeated"],
  ["Empty value", "duration: {required: true}", "duration rules do not fit a message"],
  ["Empty value", 'any: {required: true, in: "a"}', "any rules do not fit a message"],
  ["string value", "message: {required: true}", "message rules do not fit string"],
  ["repeated Empty value", "message: {skip: true}", "message rules do not fit repeated"],
  ["repeated string value", "repeated: {items: {message: {required: true}}}", "message rules do not fit string"],
  ["uint32 value", "uint32: {gt: 1, gte: 1}", "gt and gte cannot both be given"],
  ["uint32 value", "uint32: {lt: 1, lte: 1}", "lt and lte cannot both be given"],
  ["uint32 value", "uint32: {gte: 1, lte: 1}", "gte and lte are the same; that is what const is for"],
  ["repeated Empty value", "repeated: {unique: true}", "unique is for lists of scalars and enums"],
  ["map<string, string> value", "map: {no_sparse: true}", "no_sparse is for maps of messages"],
  ["string value", "string: {well_known_regex: UNKNOWN}", "well_known_regex 0 is not known"],
  [
    "string value",
    'string: {pattern: "a(?=b)"}',
    'the pattern "a(?=b)" cannot be translated: there is no JavaScript for flags after the start, nor does RE2 look around',
  ],
  ["string value", "string: {later: true}", "the rule string.later is not known"],
];

const protoOf = ([field, options]: Refused, i: number): string => `
syntax = "proto3";
package p${i};
import "validate/validate.proto";
message Empty {}
message Refused { ${field} = 1 [(validate.rules) = {${options}}]; }
`;

const fileOf = (i: number): string => `p${i}/refused.proto`;

const VALIDATE = "validate/validate.proto";
const definitions = await readFile(path.resolve(import.meta.dirname, "..", VALIDATE), "utf8");

/** As a later version may define the options. */
const laterDefinitions = definitions.replace(
  "message StringRules {",
  "message StringRules { optional bool later = 99;",
);

const compiled = async (name: string, protos: Record<string, string>): Promise<FileDescriptorSet> =>
  fromBinary(FileDescriptorSetSchema, await (await workspace(name, protos)).descriptors());

const known = await compiled("known", {});
const refused = await compiled("refused", {
  [VALIDATE]: laterDefinitions,
  ...Object.fromEntries(REFUSED.map((row, i) => [fileOf(i), protoOf(row, i)])),
});

const generate = (protoFile: FileDescriptorSet["file"], fileToGenerate: string): unknown =>
  plugin.run(
    create(CodeGeneratorRequestSchema, { protoFile, fileToGenerate: [fileToGenerate], parameter: "target=ts" }),
  );

describe("rules that no code can be made of are errors that name the field", () => {
  test.each(REFUSED.map(([field, options, reason], i) => ({ field, options, reason, i })))(
    "$field {$options}",
    ({ reason, i }) => {
      expect(() => generate(refused.file, fileOf(i))).toThrow(new Error(`p${i}.Refused.value: ${reason}`));
    },
  );
});

test("a rule that validate.proto does not define is an error that names the field", () => {
  const later = REFUSED.findIndex(([, options]) => options.includes("later"));
  const files = [...known.file, ...refused.file.filter(({ name }) => name !== VALIDATE)];
  const reason = "rule number 99 of validate.StringRules is not known";
  expect(() => generate(files, fileOf(later))).toThrow(new Error(`p${later}.Refused.value: ${reason}`));
});
