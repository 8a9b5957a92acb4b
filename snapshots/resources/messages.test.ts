import { describe, expect, test } from "vitest";
import { Listener } from "../../gen/envoy/config/listener/v3/listener.ts";
import { HttpConnectionManager } from "../../gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.ts";
import { portSpec } from "../fixtures.ts";
import { cluster } from "./cluster.ts";
import { clientListener, serverListener } from "./listener.ts";
import {
  clusterType,
  connectionManagerType,
  jsonOf,
  listenerType,
  type MessageType,
  packed,
  routeType,
  violationsIn,
} from "./messages.ts";
import { checked } from "./resource.ts";
import { route } from "./route.ts";

const greeter = portSpec("greeter");
const server = serverListener("grpc/server?xds.resource.listening_address=0.0.0.0:80", "0.0.0.0", 80);

/** How many `Any` stand anywhere in a message, what is packed in them not counted. */
function countAny(value: unknown): number {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return 0;
  if ("typeUrl" in value && "value" in value) return 1;
  return Object.values(value).reduce((sum, inner) => sum + countAny(inner), 0);
}

const found = <T>(type: MessageType<T>, message: T) => [type.packed(message).length, countAny(message)];

describe("what is packed inside a message is found wherever it is", () => {
  test.each([
    ["client listener", found(listenerType, clientListener(greeter))],
    ["server listener", found(listenerType, server)],
    ["route for gRPC", found(routeType, route(greeter, "grpc"))],
    ["route for Envoy", found(routeType, route(greeter, "envoy"))],
    ["cluster for gRPC", found(clusterType, cluster(greeter, "grpc"))],
    ["cluster for Envoy", found(clusterType, cluster(greeter, "envoy"))],
  ])("%s", (_what, [listed, there]) => {
    expect(listed).toBe(there);
  });
});

test("a rule broken by what is packed inside is found, and says where", () => {
  const unnamed = HttpConnectionManager.fromPartial({
    routeSpecifier: { $case: "rds", value: { routeConfigName: "r" } },
  });
  const listener = Listener.fromPartial({
    name: "l",
    apiListener: { apiListener: packed(connectionManagerType, unnamed) },
  });
  expect(violationsIn(listenerType, listener).map(({ path }) => path)).toContain("HttpConnectionManager.stat_prefix");
  expect(checked(listenerType, "l", listener)).toMatchObject({ kind: "refused" });
});

test("a packed message that no client knows is refused (C6)", () => {
  const strange = { typeUrl: "type.googleapis.com/strange.Message", value: new Uint8Array() };
  const listener = Listener.fromPartial({ name: "l", apiListener: { apiListener: strange } });
  expect(violationsIn(listenerType, listener)).toEqual([
    expect.objectContaining({ path: strange.typeUrl, rule: "any.in" }),
  ]);
});

test("a server listener at a port that does not exist is refused", () => {
  expect(checked(listenerType, "l", serverListener("l", "0.0.0.0", 65_536))).toMatchObject({ kind: "refused" });
});

test("JSON shows what is packed, at any depth, as what it is", () => {
  const json = jsonOf(clusterType.typeUrl, clusterType.encode(cluster(greeter, "grpc")));
  expect(json).toMatchObject({
    loadBalancingPolicy: {
      policies: [
        {
          typedExtensionConfig: {
            typedConfig: {
              "@type": expect.stringMatching(/WrrLocality$/),
              endpointPickingPolicy: {
                policies: [
                  {
                    typedExtensionConfig: {
                      typedConfig: { "@type": expect.stringMatching(/LeastRequest$/), choiceCount: 2 },
                    },
                  },
                  { typedExtensionConfig: { typedConfig: { "@type": expect.stringMatching(/RoundRobin$/) } } },
                ],
              },
            },
          },
        },
      ],
    },
  });
});

test("bytes of an unknown type have no JSON to show", () => {
  expect(jsonOf("type.googleapis.com/strange.Message", new Uint8Array([1, 2]))).toEqual({});
});
