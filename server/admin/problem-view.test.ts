import { expect, test } from "vitest";
import { admin } from "./fixtures.ts";

const annotation = {
  object: "Service default/two-ports",
  code: "bad-annotation",
  message: 'evenkeel.dev/lb is "fastest" and is ignored; it may be two_choices, round_robin',
  source: "snapshot",
};
const yaml = { object: "file bad.yaml:3:1", code: "bad-yaml", message: "a colon is missing", source: "manifests" };

test.each([
  ["", [annotation, yaml]],
  ["?code=bad-yaml", [yaml]],
  ["?namespace=default", [annotation]],
  ["?namespace=default&code=bad-yaml", []],
])("problems%s are listed with who found them", async (query, problems) => {
  await using server = await admin();
  expect((await server.get(`/v1/problems${query}`)).json()).toEqual({ total: problems.length, problems });
});
