import { expect, test } from "vitest";
import { readFlags } from "../server/flags.ts";
import { bodyOfFile, bodyOfFlags, merged, WHAT_IF_FLAGS } from "./what-if.ts";

const flags = (...args: readonly string[]) => bodyOfFlags(readFlags(args, WHAT_IF_FLAGS));
const found = (...values: readonly unknown[]) => values.map((value, i) => ({ value, place: `f.yaml:${i + 1}:1` }));

test("flags say what a body says", () => {
  const args = ["--zone-gone", "c", "--scale", "a/b:eu/z=3", "--scale", "a/c=0", "--clients", "a=5, eu/b=1"];
  expect(flags(...args, "--service", "a/b")).toEqual({
    zonesGone: ["c"],
    scale: [
      { service: "a/b", zone: "eu/z", to: 3 },
      { service: "a/c", to: 0 },
    ],
    clients: { a: 5, "eu/b": 1 },
    services: ["a/b"],
  });
  expect(flags()).toEqual({});
});

test.each(["a/b", "a/b:z", "a/b:z=", "a/b:z=-1", "=3", "a/b:z=1.5"])("--scale %s is refused", (text) => {
  expect(flags("--scale", text)).toEqual([`--scale must be NAMESPACE/NAME:ZONE=N, not "${text}"`]);
});

test.each(["a", "a=", "=1", "a=1,", "a=-1"])("--clients %s is refused", (text) => {
  expect(flags("--clients", text)).toEqual([`--clients must be ZONE=N,ZONE=N, not "${text}"`]);
});

test("a file has objects, each a document, and one document for the rest, which may have objects too", () => {
  const [node, service] = [{ kind: "Node" }, { kind: "Service" }];
  expect(bodyOfFile(found(node, { zonesGone: ["a"], objects: [service] }))).toEqual({
    zonesGone: ["a"],
    objects: [service, node],
  });
  expect(bodyOfFile([])).toEqual({});
});

test.each([
  [[{ clients: {} }, { clients: {} }], "f.yaml:2:1: a second document without a kind; the first is at f.yaml:1:1"],
  [["text"], "f.yaml:1:1: neither an object nor what is to be imagined"],
])("a file with %j is refused with the place", (values, why) => {
  expect(bodyOfFile(found(...values))).toBe(why);
});

test("flags add to what a file says, and what is no list stays for who checks it", () => {
  const file = { zonesGone: ["a"], clients: { a: 1, b: 2 }, scale: "all" };
  expect(merged(file, { zonesGone: ["b"], clients: { a: 3 }, scale: [], services: ["x/y"] })).toEqual({
    zonesGone: ["a", "b"],
    clients: { a: 3, b: 2 },
    scale: "all",
    services: ["x/y"],
  });
});
