import { readFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { workspace } from "./testdata/workspace.ts";

interface Found {
  readonly path: string;
  readonly rule: string;
  readonly message: string;
}

const FILES = ["shapes.proto", "other.proto"].map((name) => `protoc-gen-validate/testdata/${name}`);

const protos = await Promise.all(
  FILES.map(async (file) => [file, await readFile(path.resolve(import.meta.dirname, "..", file), "utf8")]),
);
const shapes = await workspace("shapes", Object.fromEntries(protos));
const generated = await shapes.generate();
const output = generated("protoc-gen-validate/testdata/shapes.validate.ts");
const validators: Record<string, (message: object, now?: Date) => readonly Found[]> = await import(output);
const source = await readFile(output, "utf8");

const found = (name: string, message: object, now?: Date): readonly string[] =>
  (validators[`validate${name}`] ?? (() => []))(message, now).map(({ path, rule }) => `${path}: ${rule}`);

const functionOf = (name: string): string => source.split(`function validate${name}(`)[1]?.split("\n}")[0] ?? "";

const tree = (longLabel: string, rest: object = {}): object => ({
  longLabel,
  branches: [],
  named: {},
  numbered: {},
  answers: new Map(),
  ...rest,
});

test("a violation has the path from the message that was validated, in the names of the proto", () => {
  const bad = tree("");
  const message = tree("a", {
    only: bad,
    branches: [tree("b"), tree("c", { branches: [bad] })],
    named: { 'x "y"': bad },
    numbered: { 7: { name: "" } },
    answers: new Map([[true, { name: "" }]]),
  });
  expect(found("Tree", message)).toEqual([
    "only.long_label: string.min_len",
    "branches[1].branches[0].long_label: string.min_len",
    'named["x \\"y\\""].long_label: string.min_len',
    'numbered["7"].name: string.min_len',
    "answers[true].name: string.min_len",
  ]);
});

test("a violation says what is allowed and what was found", () => {
  const [violation] = validators.validateTree?.(tree("")) ?? [];
  expect(violation?.message).toBe('must have at least 1 character, not ""');
});

test("the rules of a oneof's fields hold for the one that is set", () => {
  const choices = [
    { $case: "leaf", value: { name: "" } },
    { $case: "port2Use", value: 0 },
    { $case: "size", value: 0 },
    { $case: "size", value: undefined },
    { $case: "nothing", value: false },
  ];
  expect(choices.map((whichOne) => found("Choice", { whichOne }))).toEqual([
    ["leaf.name: string.min_len"],
    ["port_2_use: uint32.gt"],
    ["size: uint32.gte"],
    [],
    [],
  ]);
});

test("a required oneof must be set", () => {
  expect(found("Choice", { whichOne: undefined })).toEqual(["which_one: oneof.required"]);
});

test("a required message must be set and keep its rules", () => {
  expect([
    found("Required", {}),
    found("Required", { leaf: { name: "" }, metadata: {}, size: 0 }),
    found("Required", { leaf: { name: "a" }, metadata: {}, size: 1 }),
  ]).toEqual([
    ["leaf: message.required", "metadata: message.required", "size: message.required"],
    ["leaf.name: string.min_len", "size: uint32.gte"],
    [],
  ]);
});

test("skipped fields and messages that are disabled, ignored or without rules are not looked into", () => {
  expect(functionOf("Unchecked")).toBe("_message: Unchecked): Violation[] {\n  return [];");
  expect(found("Off", { name: "", leaf: { name: "" } })).toEqual([]);
  expect(functionOf("Ignored")).toBe("");
});

test("a validator that compares with the present time is told it, however deep the rule", () => {
  const at = (ms: number): object => ({ at: new Date(ms), more: [] });
  const timed = { ...at(0), more: [at(4), at(5)] };
  expect(found("Timed", timed, new Date(5))).toEqual(["more[1].at: timestamp.lt_now"]);
  expect(functionOf("Timed")).toContain("now: Date");
  expect(functionOf("Tree")).not.toContain("now");
});

test("messages of one name in two files keep their own rules", () => {
  const message = { leaf: { name: "a" }, other: { name: "a", size: 0 } };
  expect(found("Foreign", message)).toEqual(["other.name: string.min_len", "other.size: uint32.gte"]);
});

test("a proto2 field that is not set keeps its rules", () => {
  expect(found("Foreign", { other: { name: undefined, size: 1 } })).toEqual([]);
});

test("names that TypeScript has for itself can be messages", () => {
  const set = { all: [{ color: 2, URLRatio: 2 }], when: { text: "a" }, http2: { color: 0, URLRatio: 2 } };
  expect(found("Violation", { set })).toEqual([
    "set.all[0].color: enum.defined_only",
    "set.all[0].URL_ratio: float.lte",
    "set.when.text: string.pattern",
    "set.HTTP_2.URL_ratio: float.lte",
  ]);
});

test("the types of what is generated fit those of ts-proto", async () => {
  expect(await shapes.typeErrors()).toBe("");
});
