import { expect, test } from "vitest";
import { parse } from "yaml";
import { environmentOfContainer } from "../e2e/harness/bootstraps.ts";
import { readFlags } from "../server/flags.ts";
import { BOOTSTRAP_FLAGS } from "./bootstrap.ts";
import { printed } from "./bootstrap-text.ts";

const SERVER = "dns:///evenkeel.evenkeel-system.svc:18000";

const print = (args: readonly string[], env: Record<string, string> = {}) =>
  printed(readFlags(args, BOOTSTRAP_FLAGS), env, "unique");

function textOf(args: readonly string[], server = SERVER): string {
  const result = print(["--server", server, ...args], { POD_NAME: "here" });
  return result.kind === "text" ? result.text : result.problems.join("\n");
}

const GRPC_CLIENTS = ["go", "java", "python", "cpp", "node"];
const CLIENTS = [...GRPC_CLIENTS, "rust", "armeria", "envoy"];

test("every gRPC library reads the same JSON, and so does who names none", () => {
  const texts = new Set([[], ...GRPC_CLIENTS.map((client) => ["--for", client])].map((args) => textOf(args)));
  expect([...texts].map((text) => JSON.parse(text))).toEqual([
    expect.objectContaining({ xds_servers: [expect.objectContaining({ server_uri: SERVER })] }),
  ]);
});

test("tonic is given a URI", () => {
  expect(JSON.parse(textOf(["--for", "rust"]))).toMatchObject({
    xds_servers: [{ server_uri: "http://evenkeel.evenkeel-system.svc:18000" }],
  });
});

const socket = (address: string, port: number) => ({ socket_address: { address, port_value: port } });

test.each([
  [SERVER, "STRICT_DNS", socket("evenkeel.evenkeel-system.svc", 18_000)],
  ["localhost:1", "STRICT_DNS", socket("localhost", 1)],
  ["10.0.0.1:18000", "STATIC", socket("10.0.0.1", 18_000)],
  ["[::1]:18000", "STATIC", socket("::1", 18_000)],
  ["unix:/run/x.sock", "STATIC", { pipe: { path: "/run/x.sock" } }],
])("Envoy reaches %s by a cluster of type %s", (server, type, address) => {
  const { static_resources: resources } = parse(textOf(["--for", "envoy"], server));
  expect(resources.clusters).toMatchObject([
    { type, load_assignment: { endpoints: [{ lb_endpoints: [{ endpoint: { address } }] }] } },
  ]);
});

test("Armeria says what it is, and Envoy need not", () => {
  const kinds = ["armeria", "envoy"].map((client) => parse(textOf(["--for", client])).node.metadata);
  expect(kinds).toEqual([{ POD_NAME: "here", "evenkeel.dev/client": "armeria" }, { POD_NAME: "here" }]);
});

test.each(CLIENTS)("for %s, a line for a shell has what the file has", (client) => {
  const line = textOf(["--for", client, "--metadata", "team=o'hara", "--output", "env"]);
  const [, text = ""] = /^\w+='(.*)'\n$/.exec(line) ?? [];
  expect(JSON.parse(text.replaceAll("'\\''", "'"))).toEqual(
    parse(textOf(["--for", client, "--metadata", "team=o'hara"])),
  );
});

const POD = { POD_NAME: "123", NAMESPACE: "default", NODE_NAME: "n1", REGION: "", ZONE: "eu-a" };

test.each(CLIENTS)("for %s, Kubernetes fills in pod, node and zone from what stands above", (client) => {
  const environment = environmentOfContainer(textOf(["--for", client, "--output", "kubernetes"]), POD);
  const { node } = parse(Object.values(environment).at(-1) ?? "");
  expect(node).toMatchObject({
    id: "default/123",
    locality: { region: "", zone: "eu-a" },
    metadata: { POD_NAME: "123", NAMESPACE: "default", NODE_NAME: "n1" },
  });
});

test("Kubernetes is asked for nothing that flags say", () => {
  const flags = ["--region", "eu", "--zone", "eu-a", "--node-id", "me", "--output", "kubernetes"];
  const { env } = parse(textOf(flags));
  expect(env.map(({ name }: { name: string }) => name)).toEqual([
    "POD_NAME",
    "NAMESPACE",
    "NODE_NAME",
    "GRPC_XDS_BOOTSTRAP_CONFIG",
  ]);
});

test("a container of Envoy is told to read the variable", () => {
  expect(parse(textOf(["--for", "envoy", "--output", "kubernetes"])).args).toEqual([
    "--config-yaml",
    "$(XDS_BOOTSTRAP)",
  ]);
});

test.each([...GRPC_CLIENTS, "rust", "armeria"])("what a container of %s has in its variable is JSON", (client) => {
  const { env } = parse(textOf(["--for", client, "--output", "kubernetes"]));
  expect(() => JSON.parse(env.at(-1).value)).not.toThrow();
});

test("Armeria is told no time for the first answer, of which 0 is none at all there, and for ever for Envoy", () => {
  const sources = ["armeria", "envoy"].map((client) => parse(textOf(["--for", client])).dynamic_resources);
  expect(sources.map(({ cds_config: source }) => source.initial_fetch_timeout)).toEqual([undefined, "0s"]);
  expect(sources[0].lds_config.initial_fetch_timeout).toBeUndefined();
});

test("Envoy finds out that a server is gone which says nothing any more, and asks again soon", () => {
  const { static_resources: resources, dynamic_resources: dynamic } = parse(textOf(["--for", "envoy"]));
  const [options] = Object.values<object>(resources.clusters[0].typed_extension_protocol_options);
  expect(options).toMatchObject({
    explicit_http_config: { http2_protocol_options: { connection_keepalive: { interval: "30s", timeout: "10s" } } },
  });
  const [{ envoy_grpc: service }] = dynamic.ads_config.grpc_services;
  expect(service.retry_policy.retry_back_off).toEqual({ base_interval: "0.25s", max_interval: "5s" });
});

test.each([
  [["--for", "jawa"], SERVER, "--for must be one of go, java"],
  [["--for", "constructor"], SERVER, "--for must be one of go, java"],
  [["--output", "yaml"], SERVER, '--output must be one of file, env, kubernetes, not "yaml"'],
  [["--for", "rust"], "unix:x.sock", "--server must be HOST:PORT or dns:///HOST:PORT for rust"],
  [["--for", "rust"], "unix:/run/x.sock", "--server must be HOST:PORT or dns:///HOST:PORT for rust"],
  [["--for", "envoy"], "dns://8.8.8.8/xds.example:1", "--server must be HOST:PORT or dns:///HOST:PORT or unix:PATH"],
  [["--for", "envoy", "--zone", "a/b"], SERVER, "--zone must be a label value"],
])("%j with %s is refused", (args, server, complaint) => {
  expect(print(["--server", server, ...args])).toEqual({
    kind: "wrong",
    problems: [expect.stringContaining(complaint)],
  });
});

test("a server that is not given is one problem, for every client", () => {
  const results = CLIENTS.map((client) => print(["--for", client]));
  expect(results).toEqual(CLIENTS.map(() => ({ kind: "wrong", problems: ["--server must be given"] })));
});
