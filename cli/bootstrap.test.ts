import { expect, test } from "vitest";
import { readFlags } from "../server/flags.ts";
import { BOOTSTRAP_FLAGS, bootstrapOf, identityOf } from "./bootstrap.ts";

const read = (args: readonly string[], env: Record<string, string> = {}) =>
  identityOf(readFlags(args, BOOTSTRAP_FLAGS), env, "unique");

const SERVER = ["--server", "evenkeel.evenkeel-system.svc:18000"];

test("with a server alone, a client has a unique id and an empty locality", () => {
  expect(bootstrapOf(read(SERVER).identity)).toEqual({
    xds_servers: [
      {
        server_uri: "evenkeel.evenkeel-system.svc:18000",
        channel_creds: [{ type: "insecure" }],
        server_features: ["xds_v3", "ignore_resource_deletion"],
      },
    ],
    node: { id: "unique", locality: {}, metadata: {} },
    server_listener_resource_name_template: "grpc/server?xds.resource.listening_address=%s",
  });
});

test("B8: clients are told to keep what is deleted, and not to fail on data errors", () => {
  const text = JSON.stringify(bootstrapOf(read(SERVER).identity));
  expect([text.includes("ignore_resource_deletion"), text.includes("fail_on_data_errors")]).toEqual([true, false]);
});

test("flags say where and who the client is", () => {
  const place = ["--region", "eu", "--zone", "eu-a", "--sub-zone", "rack-1", "--node-id", "me"];
  expect(bootstrapOf(read([...SERVER, ...place, "--metadata", "team=a=b"]).identity)).toMatchObject({
    node: { id: "me", locality: { region: "eu", zone: "eu-a", sub_zone: "rack-1" }, metadata: { team: "a=b" } },
  });
});

test("the environment says which pod it is, unless a flag does", () => {
  const env = { POD_NAME: "p", POD_NAMESPACE: "ns", NODE_NAME: "n", HOME: "/" };
  expect(read([...SERVER, "--metadata", "NODE_NAME=other"], env).identity.metadata).toEqual({
    POD_NAME: "p",
    NAMESPACE: "ns",
    NODE_NAME: "other",
  });
});

test("a variable that is set to nothing counts as not set", () => {
  expect(read([...SERVER, "--zone", ""], { POD_NAME: "" }).identity).toEqual({
    server: SERVER[1],
    id: "unique",
    metadata: {},
  });
});

test.each([
  "localhost:1",
  "dns:///xds.example:443",
  "dns://8.8.8.8/xds.example:443",
  "[::1]:18000",
  "unix:/run/x.sock",
])("%s is a server", (server) => {
  expect(read(["--server", server]).problems).toEqual([]);
});

test.each(["", "localhost", "localhost:0", "localhost:70000", "http://localhost:1", "xds:///greeter:1", "::1:18000"])(
  "%j is no server",
  (server) => {
    expect(read(["--server", server]).problems).toHaveLength(1);
  },
);

test("everything that is wrong is named at once", () => {
  const args = ["--zone", "a/b", "--metadata", "x", "--metadata", "k=1", "--metadata", "k=2", "stray", "--regon", "r"];
  expect(read(args).problems).toEqual([
    "unknown flag --regon; did you mean --region?",
    'unexpected argument "stray"',
    "--server must be given",
    '--zone must be a label value (at most 63 letters, digits, -, _ and .), not "a/b"',
    '--metadata must be KEY=VALUE, not "x"',
    "--metadata k is given more than once",
  ]);
});
