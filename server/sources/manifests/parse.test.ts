import { describe, expect, test } from "vitest";
import { objectId } from "../project.ts";
import { parseManifests } from "./parse.ts";

const SERVICE = "{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {ports: [{port: 80}]}}";
const BAD_SERVICE = "{apiVersion: v1, kind: Service, metadata: {name: bad}, spec: {ports: [{port: http}]}}";
const SLICE = "{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: s}, addressType: IPv4}";

const read = (text: string) => {
  const { objects, ...rest } = parseManifests(text, "f.yaml");
  return { ids: objects.map(objectId), ...rest };
};
const ids = (text: string) => read(text).ids;
const problems = (text: string) =>
  read(text).problems.map(({ object, code, message }) => `${object}: ${code}: ${message}`);

describe("what counts as an object", () => {
  test.each<[string, string, string[]]>([
    ["one document", SERVICE, ["Service default/a"]],
    [
      "several documents",
      `---\n${SERVICE}\n---\n# nothing\n---\n${SLICE}\n`,
      ["Service default/a", "EndpointSlice default/s"],
    ],
    [
      "a List",
      `{apiVersion: v1, kind: List, items: [${SERVICE}, ${SLICE}]}`,
      ["Service default/a", "EndpointSlice default/s"],
    ],
    [
      "a typed list, whose items do not say what they are",
      "{apiVersion: v1, kind: ServiceList, items: [{metadata: {name: b}, spec: {}}]}",
      ["Service default/b"],
    ],
    [
      "a typed list of another group",
      "{apiVersion: discovery.k8s.io/v1, kind: EndpointSliceList, items: [{metadata: {name: b}, addressType: IPv6}]}",
      ["EndpointSlice default/b"],
    ],
    ["JSON", JSON.stringify({ apiVersion: "v1", kind: "Node", metadata: { name: "n" } }), ["Node n"]],
    [
      "JSON with a trailing comma, which YAML allows",
      '{"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n"},}',
      ["Node n"],
    ],
    ["merged keys", "x: &m {name: n}\napiVersion: v1\nkind: Node\nmetadata: {<<: *m}", ["Node n"]],
    [
      "a Deployment, and Knative's Service",
      `kind: Deployment\napiVersion: apps/v1\n---\n{apiVersion: serving.knative.dev/v1, kind: Service}`,
      [],
    ],
    ["a list of a kind that is not read", "{apiVersion: x.example/v1, kind: AllowList, items: [a, b]}", []],
    ["nothing", "", []],
    ["a comment", "# later", []],
    ["a list that holds nothing", "{apiVersion: v1, kind: List, items: []}", []],
  ])("%s", (_, text, expected) => {
    expect(read(text)).toEqual({ ids: expected, problems: [], refused: [], readable: true });
  });
});

describe("what is wrong with an object", () => {
  test("a bad object beside good ones costs only itself, and its place is told", () => {
    const text = `${SERVICE}\n---\n# a comment\n${BAD_SERVICE}\n---\n${SLICE}`;
    expect(read(text)).toEqual({
      ids: ["Service default/a", "EndpointSlice default/s"],
      refused: ["Service default/bad"],
      readable: true,
      problems: [
        {
          object: "Service default/bad",
          code: "bad-object",
          message: 'f.yaml:4:1: spec.ports[0].port must be an integer from 1 to 65535, not "http"',
        },
      ],
    });
  });

  test("a bad item of a list is told by its line, and in JSON by its place in the list", () => {
    const list = `apiVersion: v1\nkind: List\nitems:\n- ${SERVICE}\n- ${BAD_SERVICE}\n`;
    const json = JSON.stringify({ kind: "List", items: [{ apiVersion: "v1", kind: "Node", metadata: { name: "N" } }] });
    expect(problems(list)[0]).toContain("f.yaml:5:3: spec.ports[0].port");
    expect(problems(json)[0]).toContain("f.yaml items[0]: metadata.name");
  });

  test.each([
    ["a: 1", "file f.yaml:1:1: no-object: has no kind, so it is no Kubernetes object"],
    ["- 1", "file f.yaml:1:1: no-object: has no kind, so it is no Kubernetes object"],
    ["{kind: List, items: [null]}", "file f.yaml:1:22: no-object: has no kind, so it is no Kubernetes object"],
    [
      "{apiVersion: discovery.k8s.io/v1beta1, kind: EndpointSlice}",
      'file f.yaml:1:1: wrong-version: apiVersion of kind EndpointSlice must be discovery.k8s.io/v1, not "discovery.k8s.io/v1beta1"',
    ],
    ["{kind: Service}", "file f.yaml:1:1: wrong-version: apiVersion of kind Service must be v1, not absent"],
    [
      "&x {apiVersion: v1, kind: Node, metadata: *x}",
      /Node without a good name: bad-object: f.yaml:1:4: metadata.name is missing/,
    ],
  ])("%s", (text, expected) => {
    expect(problems(text)).toEqual([expect.stringMatching(expected)]);
  });
});

test("H7: an object whose version is wrong is refused by its name, so that its last good form may stay", () => {
  expect(read(SERVICE.replace("v1", "v2"))).toMatchObject({ ids: [], refused: ["Service default/a"], readable: true });
});

describe("a text that cannot be read", () => {
  const aliases = (of: string): string => Array.from({ length: 9 }, () => `*${of}`).join(",");
  const bomb = `a: &a [x]\nb: &b [${aliases("a")}]\nc: &c [${aliases("b")}]\nd: [${aliases("c")}]`;

  test.each([
    ["half a flow list", `${SERVICE}\n---\nkind: [a, b\n`, "file f.yaml:4:1: bad-syntax"],
    ["a tab for indentation", "a:\n\tb: 1", "file f.yaml:2:1: bad-syntax"],
    ["a key twice", "kind: Service\nkind: Node", "file f.yaml:2:1: bad-syntax: Map keys must be unique"],
    ["half a JSON object", '{"kind": "Node", "metadata": {', "file f.yaml:1:31: bad-syntax"],
    ["an alias of nothing", "kind: *nothing", "file f.yaml:1:1: bad-syntax: Unresolved alias"],
    ["a tag of one's own", "kind: !Service x", "file f.yaml:1:7: bad-syntax: Unresolved tag"],
    ["aliases of aliases", bomb, "file f.yaml:1:1: bad-syntax: Excessive alias count"],
  ])("%s costs all of it, as nobody knows what was meant after it", (_, text, expected) => {
    expect(read(text)).toMatchObject({ ids: [], refused: [], readable: false });
    expect(problems(text)).toEqual([expect.stringContaining(expected)]);
  });
});

test("words that older YAML took for true and false are names", () => {
  expect(ids("{apiVersion: v1, kind: Namespace, metadata: {name: yes}}")).toEqual(["Namespace yes"]);
});
