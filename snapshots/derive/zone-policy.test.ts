import { describe, expect, test } from "vitest";
import type { Service } from "../objects.ts";
import { service } from "./fixtures.ts";
import type { NamedMode } from "./model.ts";
import { wishOf } from "./policy.ts";

type Texts = Readonly<Record<string, string>>;

const read = (more: Partial<Service>, inherited: Texts = {}, defaultMode: NamedMode = "weighted") => {
  const { value, problems } = wishOf(service(more), inherited, defaultMode);
  return { ...value.policy, problems: problems.map(({ code, message }) => `${code}: ${message}`) };
};

const annotated = (annotations: Texts, inherited?: Texts) => read({ annotations }, inherited);
const ours = (key: string, text: string) => ({ [`evenkeel.dev/${key}`]: text });

const AUTO = { "service.kubernetes.io/topology-mode": "Auto" };

describe("the mode, from the strongest to the weakest, comes from", () => {
  const everything = { annotations: { ...ours("zone-mode", "spread"), ...AUTO }, trafficDistribution: "PreferClose" };
  const inherited = ours("zone-mode", "filter");
  test.each([
    [{ ...everything, internalTrafficPolicy: "Local" as const }, "local", "internalTrafficPolicy Local"],
    [everything, "spread", "annotation evenkeel.dev/zone-mode"],
    [{ ...everything, annotations: AUTO }, "hints", "annotation service.kubernetes.io/topology-mode"],
    [{ trafficDistribution: "PreferClose" }, "prefer", "trafficDistribution PreferClose"],
    [{}, "filter", "annotation evenkeel.dev/zone-mode of the Namespace"],
  ] as const)("%j: %s, from %s", (more, mode, modeFrom) => {
    expect(read(more, inherited, "prefer")).toMatchObject({ mode, modeFrom, problems: [] });
  });
  test("the server's default", () => {
    expect(read({}, {}, "prefer-node")).toMatchObject({ mode: "prefer-node", modeFrom: "default" });
    expect(read({})).toMatchObject({ mode: "weighted", modeFrom: "default" });
  });
});

test.each(["weighted", "spread", "prefer", "prefer-node", "filter"])("evenkeel.dev/zone-mode may be %s", (mode) => {
  expect(annotated(ours("zone-mode", mode))).toMatchObject({ mode, problems: [] });
});

test.each([
  ["PreferClose", "prefer"],
  ["PreferSameZone", "prefer"],
  ["PreferSameNode", "prefer-node"],
])("trafficDistribution %s is mode %s", (trafficDistribution, mode) => {
  expect(read({ trafficDistribution })).toMatchObject({ mode, problems: [] });
});

describe("service.kubernetes.io/topology-mode", () => {
  const older = (text: string) => ({ "service.kubernetes.io/topology-aware-hints": text });
  test.each(["Auto", "auto"])("%s is mode hints", (text) => {
    expect(annotated({ "service.kubernetes.io/topology-mode": text })).toMatchObject({ mode: "hints", problems: [] });
  });
  test.each(["Disabled", "disabled"])("%s asks for nothing", (text) => {
    expect(annotated({ "service.kubernetes.io/topology-mode": text })).toMatchObject({
      mode: "weighted",
      problems: [],
    });
  });
  test("the deprecated topology-aware-hints beats it, as in Kubernetes", () => {
    expect(annotated({ ...AUTO, ...older("Disabled") }).mode).toBe("weighted");
    expect(annotated(older("Auto"))).toMatchObject({
      mode: "hints",
      modeFrom: "annotation service.kubernetes.io/topology-aware-hints",
    });
  });
  test("of another value is a problem, and ignored", () => {
    expect(
      read({ annotations: { "service.kubernetes.io/topology-mode": "On" }, trafficDistribution: "PreferClose" }),
    ).toMatchObject({
      mode: "prefer",
      problems: [
        'bad-annotation: service.kubernetes.io/topology-mode is "On" and is ignored; it may be Auto, Disabled',
      ],
    });
  });
});

test("a trafficDistribution that is not known is a problem, and ignored", () => {
  expect(read({ trafficDistribution: "PreferFar" }, ours("zone-mode", "spread"))).toMatchObject({
    mode: "spread",
    problems: [
      'bad-field: trafficDistribution is "PreferFar" and is ignored; it may be PreferSameZone, PreferSameNode, PreferClose',
    ],
  });
});

test("what is wrong is told even where it does not count", () => {
  const { mode, problems } = read({ internalTrafficPolicy: "Local", annotations: ours("zone-mode", "near") });
  expect([mode, problems.length]).toEqual(["local", 1]);
});

test("without annotations every endpoint gets the same load, and demand is told from clients", () => {
  expect(read({})).toMatchObject({ rule: { tolerance: 0, minZoneEndpoints: 1 }, demandSource: { kind: "clients" } });
});

test("the Namespace gives defaults for the rule too", () => {
  const inherited = { ...ours("zone-tolerance", "20%"), ...ours("min-zone-endpoints", "3"), ...ours("demand", "a=1") };
  const { rule, demandSource, problems } = annotated(ours("zone-tolerance", "0"), inherited);
  expect(rule).toEqual({ tolerance: 0, minZoneEndpoints: 3 });
  expect(demandSource).toEqual({ kind: "static", zones: [{ zone: "a", part: 1 }] });
  expect(problems).toEqual([]);
});

test.each([
  ["20%", 0.2],
  ["0.2", 0.2],
  ["0", 0],
  ["12.5%", 0.125],
  ["1000%", 10],
])("evenkeel.dev/zone-tolerance %s is %d", (text, tolerance) => {
  expect(annotated(ours("zone-tolerance", text))).toMatchObject({ rule: { tolerance }, problems: [] });
});

test("evenkeel.dev/demand names zones, with or without region, on any scale", () => {
  expect(annotated(ours("demand", " a=50, eu/b = 30 ,us-east1-c=0.5,d=0"))).toMatchObject({
    demandSource: {
      kind: "static",
      zones: [
        { zone: "a", part: 50 },
        { region: "eu", zone: "b", part: 30 },
        { zone: "us-east1-c", part: 0.5 },
        { zone: "d", part: 0 },
      ],
    },
    problems: [],
  });
});

describe("what cannot be read is a problem that says what may be written, and the default applies", () => {
  const MODES = "weighted, spread, prefer, prefer-node, filter";
  const TOLERANCES = "from 0% to 1000%, such as 20% or 0.2";
  const COUNTS = "an integer from 1 to 1000000";
  const DEMANDS = "zones and their parts on any scale, each zone once, such as a=50,b=30 or eu/a=50,us/b=30";
  test.each([
    ...["", "local", "hints", "Weighted", "near"].map((text) => ["zone-mode", text, MODES]),
    ...["", "20", "-20%", "1001%", "NaN", "NaN%", "Infinity", "1e1", "0x1", "%", "a lot"].map((text) => [
      "zone-tolerance",
      text,
      TOLERANCES,
    ]),
    ...["", "0", "-1", "1.5", "NaN", "1000001", "1e3", "two"].map((text) => ["min-zone-endpoints", text, COUNTS]),
    ...[
      "",
      "a",
      "a=",
      "=50",
      "/a=1",
      "eu/=1",
      "a=-1",
      "a=NaN",
      "a=1e3",
      "a=0",
      "a=1,a=2",
      "a=1,",
      "a=1;b=2",
      "*=1",
    ].map((text) => ["demand", text, DEMANDS]),
  ])("evenkeel.dev/%s %j", (key = "", text = "", allowed = "") => {
    const { problems, ...policy } = annotated(ours(key, text));
    const { problems: none, ...defaults } = annotated({});
    expect([policy, none]).toEqual([defaults, []]);
    expect(problems).toEqual([
      `bad-annotation: evenkeel.dev/${key} is ${JSON.stringify(text)} and is ignored; it may be ${allowed}`,
    ]);
  });
});
