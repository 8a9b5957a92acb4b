import fc from "fast-check";
import { expect, test } from "vitest";
import { DeltaDiscoveryResponse, DiscoveryResponse } from "../../gen/envoy/service/discovery/v3/discovery.ts";
import type { Resource } from "../../snapshots/resources/resource.ts";
import { ASSIGNMENT, SEND_ORDER } from "../../snapshots/type-url.ts";
import { messageOf } from "../grpc/framing.ts";
import { deltaBytes, encodeDelta, encodeSotw, removedBytes, sotwBytes } from "./encode.ts";
import { resource } from "./fixtures.ts";

const hex = fc.stringMatching(/^[0-9a-f]{0,16}$/);
const name = fc.string({ unit: "grapheme", maxLength: 300 });
const resources = fc.array(
  fc.record({
    typeUrl: fc.constantFrom(...SEND_ORDER),
    name,
    version: hex,
    bytes: fc.uint8Array({ maxLength: 20_000 }),
  }),
  { maxLength: 5 },
);

const anyOf = ({ typeUrl, bytes }: Resource) => ({ typeUrl, value: bytes });

test("E15: a spliced response is what ts-proto's encoder writes", () => {
  fc.assert(
    fc.property(resources, hex, hex, fc.constantFrom(...SEND_ORDER), (some, version, nonce, typeUrl) => {
      const expected = DiscoveryResponse.fromPartial({
        versionInfo: version,
        resources: some.map(anyOf),
        typeUrl,
        nonce,
      });
      const spliced = messageOf(encodeSotw(typeUrl, { nonce, version, resources: some, removed: [] }));
      expect(spliced.equals(DiscoveryResponse.encode(expected).finish())).toBe(true);
    }),
  );
});

test("E15 D4 D13 S41: a spliced delta response is what ts-proto's encoder writes, with name, version and no aliases", () => {
  fc.assert(
    fc.property(resources, hex, fc.array(name), fc.constantFrom(...SEND_ORDER), (some, nonce, removed, typeUrl) => {
      const expected = DeltaDiscoveryResponse.fromPartial({
        resources: some.map((one) => ({ name: one.name, version: one.version, resource: anyOf(one) })),
        typeUrl,
        nonce,
        removedResources: removed.filter((gone) => gone !== ""),
      });
      const outgoing = { nonce, version: "", resources: some, removed: removed.filter((gone) => gone !== "") };
      expect(messageOf(encodeDelta(typeUrl, outgoing)).equals(DeltaDiscoveryResponse.encode(expected).finish())).toBe(
        true,
      );
    }),
  );
});

test("D14: no heartbeat is sent while there is no TTL: every resource has its body and no ttl", () => {
  const frame = encodeDelta(ASSIGNMENT, {
    nonce: "n",
    version: "",
    resources: [resource(ASSIGNMENT, "a")],
    removed: [],
  });
  const [one] = DeltaDiscoveryResponse.decode(messageOf(frame)).resources;
  expect([one?.resource?.typeUrl, one?.ttl]).toEqual([ASSIGNMENT, undefined]);
});

test("S23 E8: the sizes that responses are split by are those of their bytes", () => {
  const one = resource(ASSIGNMENT, "a", "x".repeat(300));
  const empty = { nonce: "n", version: "v", resources: [], removed: [] };
  const grown = [
    encodeSotw(ASSIGNMENT, { ...empty, resources: [one] }).length - encodeSotw(ASSIGNMENT, empty).length,
    encodeDelta(ASSIGNMENT, { ...empty, resources: [one] }).length - encodeDelta(ASSIGNMENT, empty).length,
    encodeDelta(ASSIGNMENT, { ...empty, removed: ["gone"] }).length - encodeDelta(ASSIGNMENT, empty).length,
  ];
  expect(grown).toEqual([sotwBytes(one), deltaBytes(one), removedBytes("gone")]);
});
