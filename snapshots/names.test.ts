import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { modelOf, service } from "./derive/fixtures.ts";
import type { ServiceEntry } from "./derive/model.ts";
import { clusterName, listenerNames, parseClusterName, parseListenerName, resolvePort } from "./names.ts";
import type { ServicePort } from "./objects.ts";

const DOMAIN = "cluster.local";

const entryWith = (...ports: readonly Partial<ServicePort>[]): ServiceEntry => {
  const filled = ports.map((port) => ({ name: "", port: 1, protocol: "TCP" as const, ...port }));
  const entry = modelOf(service({ ports: filled })).services.get("default/greeter");
  if (entry === undefined) throw new Error("the Service has an entry");
  return entry;
};

const labels = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,8}[a-z0-9])?$/);
const ports = fc.integer({ min: 1, max: 65_535 });

test("H0: a canonical name is read as what it was built of", () => {
  fc.assert(
    fc.property(labels, labels, ports, (name, namespace, port) => {
      expect(parseClusterName(clusterName(name, namespace, port))).toEqual({ service: name, namespace, port });
    }),
  );
});

test.each([
  "greeter.default",
  "greeter.default:",
  "greeter.default:0",
  "greeter.default:080",
  "greeter.default:65536",
  "greeter.default:grpc",
  "greeter.default:8080 ",
  "greeter:8080",
  "greeter.default.svc:8080",
  "Greeter.default:8080",
  "-greeter.default:8080",
  "greeter-.default:8080",
  ".default:8080",
  `${"a".repeat(64)}.default:8080`,
  "greeter.default:8080:8080",
  "",
])("%j is no canonical name", (name) => {
  expect(parseClusterName(name)).toBeUndefined();
});

describe("a listener's name leads to a Service", () => {
  const greeter = { kind: "client", service: "greeter", namespace: "default" };
  test.each([
    ["greeter.default", greeter],
    ["greeter.default.svc", greeter],
    ["greeter.default.svc.cluster.local", greeter],
    ["greeter.default:8080", { ...greeter, port: 8080 }],
    ["greeter.default.svc:8080", { ...greeter, port: 8080 }],
    ["greeter.default.svc.cluster.local:grpc", { ...greeter, port: "grpc" }],
    ["greeter.default:080", { ...greeter, port: "080" }],
    ["greeter.default:70000", { ...greeter, port: "70000" }],
    ["greeter.svc", { ...greeter, namespace: "svc" }],
    ["1up.default", { ...greeter, service: "1up" }],
  ])("%s", (name, expected) => {
    expect(parseListenerName(name, DOMAIN)).toEqual(expected);
  });
});

test("the cluster domain is a setting", () => {
  expect(parseListenerName("greeter.default.svc.corp.example:1", "corp.example")).toEqual({
    kind: "client",
    service: "greeter",
    namespace: "default",
    port: 1,
  });
  expect(parseListenerName("greeter.default.svc.cluster.local:1", "corp.example")).toBeUndefined();
});

describe("a listener's name leads a server to its address", () => {
  const prefix = "grpc/server?xds.resource.listening_address=";
  test.each([
    ["0.0.0.0:50051", { kind: "server", address: "0.0.0.0", port: 50_051 }],
    ["[::]:50051", { kind: "server", address: "::", port: 50_051 }],
    ["[fd00::1]:1", { kind: "server", address: "fd00::1", port: 1 }],
  ])("%s", (address, expected) => {
    expect(parseListenerName(`${prefix}${address}`, DOMAIN)).toEqual(expected);
  });

  test.each(["0.0.0.0", "0.0.0.0:0", "[::]:70000", "::1:50051", "[1.2.3.4]:1", "localhost:1", "[fd00::1", ""])(
    "but not %j",
    (address) => {
      expect(parseListenerName(`${prefix}${address}`, DOMAIN)).toBeUndefined();
    },
  );
});

test.each([
  "greeter",
  "greeter.default:",
  "greeter.default:a_b",
  "a.b.c",
  "greeter.default.svc.",
  "a..svc",
  "*",
  ":80",
])("%j is no listener's name", (name) => {
  expect(parseListenerName(name, DOMAIN)).toBeUndefined();
});

test("any text is read without an exception", () => {
  fc.assert(
    fc.property(fc.string(), fc.constantFrom("", "grpc/server?xds.resource.listening_address="), (text, prefix) => {
      parseClusterName(text);
      parseListenerName(`${prefix}${text}`, DOMAIN);
    }),
  );
});

test("every name of a Service is read as that Service, and leads to the port that it names", () => {
  const entry = entryWith({ name: "grpc", port: 8080 }, { name: "http", port: 80 });
  const names = listenerNames(entry, DOMAIN);
  const resolved = names.map((name) => {
    const parsed = parseListenerName(name, DOMAIN);
    return parsed?.kind === "client" ? resolvePort(entry, parsed.port)?.port : undefined;
  });
  expect(names).toContain("greeter.default.svc.cluster.local:grpc");
  expect(new Set(names).size).toBe(3 * 5);
  expect(resolved.filter((port) => port === 8080)).toHaveLength(3 * 3);
  expect(resolved.filter((port) => port === 80)).toHaveLength(3 * 2);
});

describe("without a port a name leads to", () => {
  test("the only TCP port", () => {
    expect(resolvePort(entryWith({ port: 9 }, { port: 53, protocol: "UDP" }))?.port).toBe(9);
  });
  test.each([
    ["the one named grpc", { name: "grpc" }],
    ["the one with appProtocol grpc", { appProtocol: "grpc" }],
    ["the one with appProtocol kubernetes.io/h2c", { appProtocol: "kubernetes.io/h2c" }],
  ])("%s", (_, more) => {
    expect(resolvePort(entryWith({ name: "a", port: 8 }, { name: "b", port: 9, ...more }))?.port).toBe(9);
  });
  test("nothing when two say that they speak gRPC", () => {
    expect(
      resolvePort(entryWith({ name: "grpc", port: 8 }, { name: "b", port: 9, appProtocol: "grpc" })),
    ).toBeUndefined();
  });
  test("nothing when several ports say nothing", () => {
    expect(resolvePort(entryWith({ name: "a", port: 8 }, { name: "b", port: 9 }))).toBeUndefined();
  });
});

test("a port number wins over a port that is named like it", () => {
  const entry = entryWith({ name: "9", port: 8 }, { name: "b", port: 9 }, { name: "7", port: 10 });
  expect(resolvePort(entry, 9)?.portName).toBe("b");
  expect(resolvePort(entry, 7)?.port).toBe(10);
});

test("no text leads to a port without name", () => {
  expect(resolvePort(entryWith({ port: 8 }), "")).toBeUndefined();
});
