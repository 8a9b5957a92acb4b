import { expect, test } from "vitest";
import type { Service } from "../objects.ts";
import { service } from "./fixtures.ts";
import { offerOf as offered } from "./ports.ts";

const offerOf = (of: Service) => offered(of, {}, "weighted");

const tcp = (name: string, port: number) => ({ name, port, protocol: "TCP" as const });

test("H0: every TCP port is offered under its canonical name, headless or not, in order of number", () => {
  const ports = [tcp("b", 90), { name: "dns", port: 53, protocol: "UDP" as const }, tcp("a", 80)];
  expect(offerOf(service({ ports })).ports.map(({ spec }) => spec.cluster)).toEqual([
    "greeter.default:80",
    "greeter.default:90",
  ]);
});

test("B20: the identity is the uid, or namespace and name where there is none", () => {
  const { uid: _, ...anonymous } = service();
  expect(offerOf(service()).ports[0]?.spec.identity).toBe("uid-1");
  expect(offerOf(anonymous).ports[0]?.spec.identity).toBe("default/greeter");
});

test.each([
  ["of type ExternalName", { type: "ExternalName" }, "it is of type ExternalName: dial its external name with dns:///"],
  [
    "that is switched off",
    { annotations: { "evenkeel.dev/enabled": "false" } },
    "its annotation evenkeel.dev/enabled is false",
  ],
  ["without a TCP port", { ports: [] }, "it has no TCP port"],
] as const)("a Service %s offers nothing, says why, and is no problem", (_, more, notServed) => {
  expect(offerOf(service(more))).toEqual({ ports: [], notServed, problems: [] });
});

test("a Service whose name is no DNS label is a problem", () => {
  expect(offerOf(service({ name: "A_b" }))).toMatchObject({
    ports: [],
    notServed: "its name is not valid",
    problems: [{ code: "bad-name", message: '"A_b" is not a DNS label' }],
  });
});

test("a port that cannot be served is a problem, and the others are offered", () => {
  const { ports, problems } = offerOf(service({ ports: [tcp("a", 0), tcp("b", 80), tcp("c", 80)] }));
  expect(ports.map(({ spec }) => spec.portName)).toEqual(["b"]);
  expect(problems.map(({ code, message }) => `${code}: ${message}`)).toEqual([
    "bad-port: port 0 is not between 1 and 65535 and is left out",
    "bad-port: port 80 stands twice; the first counts",
  ]);
});
