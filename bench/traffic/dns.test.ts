import { Resolver } from "node:dns/promises";
import { expect, test } from "vitest";
import { startDns } from "./dns.ts";

const NAMES = new Map([
  ["pods.test", ["127.0.3.1", "127.0.3.254"]],
  ["nobody.test", []],
]);

function resolverOf(address: string): Resolver {
  const resolver = new Resolver();
  resolver.setServers([address]);
  return resolver;
}

test("a name has all its addresses, in the order given, whatever its case", async () => {
  await using dns = await startDns((name) => NAMES.get(name));
  const resolver = resolverOf(dns.address);
  expect(await resolver.resolve4("Pods.TEST")).toEqual(["127.0.3.1", "127.0.3.254"]);
});

test("a name without addresses, or asked for another type, has no records; another does not exist", async () => {
  await using dns = await startDns((name) => NAMES.get(name));
  const resolver = resolverOf(dns.address);
  await expect(resolver.resolve4("nobody.test")).rejects.toMatchObject({ code: "ENODATA" });
  await expect(resolver.resolve6("pods.test")).rejects.toMatchObject({ code: "ENODATA" });
  await expect(resolver.resolve4("else.test")).rejects.toMatchObject({ code: "ENOTFOUND" });
});
