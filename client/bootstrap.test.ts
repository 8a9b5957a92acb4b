import { describe, expect, test } from "vitest";
import { listenerFor, parseBootstrap, readBootstrap } from "./bootstrap.ts";

const SERVER = { server_uri: "dns:///xds:443", channel_creds: [{ type: "insecure" }] };
const good = (value: object) => {
  const parsed = parseBootstrap(JSON.stringify({ xds_servers: [SERVER], node: { id: "n" }, ...value }));
  if (parsed.kind === "bad") throw new Error(parsed.problems.join("; "));
  return parsed.value;
};

test("servers come in order, with the first credentials that are supported and what the server may do", () => {
  const tls = [{ type: "google_default" }, { type: "tls", config: { ca_certificate_file: "/ca" } }];
  const first = { ...SERVER, channel_creds: tls, server_features: ["ignore_resource_deletion"] };
  expect(good({ xds_servers: [first, SERVER] }).servers).toMatchObject([
    { keepDeleted: true, credentials: { kind: "tls", caFile: "/ca", refreshMs: 600_000 } },
    { keepDeleted: false, credentials: { kind: "insecure" } },
  ]);
});

test.each([
  ["{", /is not JSON/],
  ["[]", /must be an object, not \[\]/],
  ["{}", /xds_servers must name at least one server/],
  ['{"xds_servers":{}}', /xds_servers must be a list, not \{\}/],
  ['{"xds_servers":[{"channel_creds":[{"type":"insecure"}]}]}', /xds_servers\[0\].server_uri is missing/],
  [
    '{"xds_servers":[{"server_uri":"x","channel_creds":[{"type":"google_default"}]}]}',
    /must contain a type that is supported \("insecure" or "tls"\): not only "google_default"/,
  ],
  [
    '{"xds_servers":[{"server_uri":"x","channel_creds":[{"type":"tls","config":{"certificate_file":"c"}}]}]}',
    /certificate_file and private_key_file must be given together/,
  ],
  [
    '{"xds_servers":[{"server_uri":"x","channel_creds":[{"type":"tls","config":{"refresh_interval":"10m"}}]}]}',
    /refresh_interval must be seconds such as "600s", not "10m"/,
  ],
  ['{"node":{"id":7}}', /node.id must be a string, not 7/],
  ['{"authorities":{"a":{"client_listener_resource_name_template":"x"}}}', /must begin with "xdstp:\/\/a\/"/],
])("%s is refused with what is wrong", (text, message) => {
  const parsed = parseBootstrap(text);
  expect(parsed.kind === "bad" ? parsed.problems.join("; ") : "accepted").toMatch(message);
});

describe("the environment", () => {
  const text = (id: string): string => JSON.stringify({ xds_servers: [SERVER], node: { id } });

  test("a file wins over what is given inline", () => {
    const env = { GRPC_XDS_BOOTSTRAP: "/b.json", GRPC_XDS_BOOTSTRAP_CONFIG: text("inline") };
    expect(readBootstrap(env, () => text("file"))).toMatchObject({ value: { node: { id: "file" } } });
    expect(readBootstrap({ ...env, GRPC_XDS_BOOTSTRAP: "" }, () => "")).toMatchObject({
      value: { node: { id: "inline" } },
    });
  });

  test("without either variable both are named, and of a file that cannot be read the reason", () => {
    const unreadable = (): string => {
      throw new Error("ENOENT");
    };
    expect(readBootstrap({}, unreadable)).toMatchObject({
      problems: [expect.stringMatching(/^no bootstrap: set GRPC_XDS_BOOTSTRAP .* or GRPC_XDS_BOOTSTRAP_CONFIG/)],
    });
    expect(readBootstrap({ GRPC_XDS_BOOTSTRAP: "/gone" }, unreadable)).toEqual({
      kind: "bad",
      problems: ["GRPC_XDS_BOOTSTRAP: /gone cannot be read: ENOENT"],
    });
  });
});

test("a target's listener is its path, or what the template or its authority makes of it; unknown authorities are refused", () => {
  const other = { ...SERVER, server_uri: "other:1" };
  const bootstrap = good({ authorities: { a: { xds_servers: [other] } } });
  const path = "shop.default:80";
  expect(listenerFor(bootstrap, { authority: "", path })).toMatchObject({ value: { name: path } });
  expect(listenerFor(bootstrap, { authority: "a", path })).toMatchObject({
    value: { name: "xdstp://a/envoy.config.listener.v3.Listener/shop.default%3A80", servers: [{ uri: "other:1" }] },
  });
  expect(listenerFor(bootstrap, { authority: "c", path })).toEqual({
    kind: "bad",
    problems: ['the bootstrap has no authority "c" (it has "a")'],
  });
});
