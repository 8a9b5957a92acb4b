import { expect, test } from "vitest";
import { masked } from "./masked.ts";

test.each(["token", "ACCESS_TOKEN", "clientSecret", "password", "Authorization", "apiKey"])(
  "the value of %s is masked, whatever it is",
  (key) => {
    expect(masked({ [key]: { deep: "value" }, other: 1 })).toEqual({ [key]: "***", other: 1 });
  },
);

test("what is nested without end is cut off", () => {
  let value: unknown = "bottom";
  for (let level = 0; level < 10_000; level += 1) value = { down: value };
  expect(JSON.stringify(masked({ value }))).toMatch(/^.{200,400}$/);
});
