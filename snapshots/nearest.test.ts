import { expect, test } from "vitest";
import { nearest } from "./nearest.ts";

test.each([
  ["greter.default", ["greeter.default"]],
  ["greeters.default", ["greeter.default"]],
  ["greeter.defualt", ["greeter.default"]],
  ["greeter.default", ["greeter.default"]],
  ["reeter.defaul", ["greeter.default"]],
  ["reeter.defau", []],
  ["a", ["b", "c"]],
  ["", ["b", "c"]],
])("what is most like %j is %j", (wanted, expected) => {
  expect(nearest(wanted, ["greeter.default", "c", "b", "something.else"])).toEqual(expected);
});

test("the nearest come first, then those in order, and three are enough", () => {
  const names = ["backend-30", "backend-11", "backend-20", "backend-10", "backend-1"];
  expect(nearest("backend-1", names)).toEqual(["backend-1", "backend-10", "backend-11"]);
});
