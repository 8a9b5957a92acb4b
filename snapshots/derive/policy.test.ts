import { describe, expect, test } from "vitest";
import { service } from "./fixtures.ts";
import { wishOf } from "./policy.ts";

const own = (annotations: Record<string, string>, inherited: Record<string, string> = {}) =>
  wishOf(service({ annotations }), inherited, "weighted");

test("without annotations a Service is served, weighted, with two choices", () => {
  expect(own({})).toMatchObject({
    value: { enabled: true, policy: { mode: "weighted", modeFrom: "default", picker: "two-choices" } },
    problems: [],
  });
});

test.each([
  ["round_robin", "round-robin"],
  ["round-robin", "round-robin"],
  ["two_choices", "two-choices"],
])("evenkeel.dev/lb %s means %s", (text, picker) => {
  expect(own({ "evenkeel.dev/lb": text }).value.policy.picker).toBe(picker);
});

test("the Namespace gives a default for the picker", () => {
  expect(own({}, { "evenkeel.dev/lb": "round_robin" }).value.policy.picker).toBe("round-robin");
  expect(own({ "evenkeel.dev/lb": "two_choices" }, { "evenkeel.dev/lb": "round_robin" }).value.policy.picker).toBe(
    "two-choices",
  );
});

test("evenkeel.dev/enabled false leaves the Service out", () => {
  expect(own({ "evenkeel.dev/enabled": "false" }).value.enabled).toBe(false);
  expect(own({ "evenkeel.dev/enabled": "true" }).value.enabled).toBe(true);
});

describe("what cannot be read is a problem that says what may be written, and the default applies", () => {
  test.each([
    ["enabled", "no", "true, false"],
    ["lb", "fastest", "two_choices, round_robin"],
  ])("evenkeel.dev/%s %j", (key, text, allowed) => {
    const { value, problems } = own({ [`evenkeel.dev/${key}`]: text });
    expect(value).toEqual(own({}).value);
    expect(problems).toEqual([
      {
        object: "Service default/greeter",
        code: "bad-annotation",
        message: `evenkeel.dev/${key} is ${JSON.stringify(text)} and is ignored; it may be ${allowed}`,
      },
    ]);
  });
});

test("an unknown key is a problem that names the nearest known one", () => {
  expect(own({ "evenkeel.dev/zonemode": "spread", "service.kubernetes.io/other": "Auto" }).problems).toEqual([
    {
      object: "Service default/greeter",
      code: "bad-annotation",
      message: "evenkeel.dev/zonemode is ignored: it is not known; did you mean evenkeel.dev/zone-mode?",
    },
  ]);
});

test("a Namespace cannot leave its Services out", () => {
  const { value, problems } = own({}, { "evenkeel.dev/enabled": "false" });
  expect(value.enabled).toBe(true);
  expect(problems.map(({ message }) => message)).toEqual([
    "Namespace default: evenkeel.dev/enabled is ignored: it works on a Service only",
  ]);
});
