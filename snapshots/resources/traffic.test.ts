import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Cluster } from "../../gen/envoy/config/cluster/v3/cluster.ts";
import type { RetryPolicy } from "../../gen/envoy/config/route/v3/route_components.ts";
import type { Duration } from "../../gen/google/protobuf/duration.ts";
import { derive } from "../derive/derive.ts";
import { everything, input, namespace, objectsOf, ready, service, slice } from "../derive/fixtures.ts";
import { emptyModel, type TrafficPolicy } from "../derive/model.ts";
import { TRAFFIC_ANNOTATIONS } from "../derive/traffic-policy.ts";
import { portSpec } from "../fixtures.ts";
import { clusterIn, routeIn } from "../published.ts";
import { nextSnapshot } from "../snapshot.ts";
import type { ClusterForm, RouteForm } from "./client-kind.ts";
import { cluster } from "./cluster.ts";
import { clusterType, jsonOf, routeType } from "./messages.ts";
import type { Resource } from "./resource.ts";
import { route } from "./route.ts";

const asking = (traffic: Partial<TrafficPolicy>, identity = "uid") => {
  const spec = portSpec("greeter");
  return { ...spec, identity, policy: { ...spec.policy, ...traffic } };
};

const clusterFor = (traffic: Partial<TrafficPolicy>, form: ClusterForm, identity?: string): Cluster =>
  clusterType.decode(clusterType.encode(cluster(asking(traffic, identity), form)));

const actionFor = (traffic: Partial<TrafficPolicy>, form: RouteForm) => {
  const action = route(asking(traffic), form).virtualHosts[0]?.routes[0]?.action;
  return action?.$case === "route" ? action.value : undefined;
};

const listOf = ({ loadBalancingPolicy }: Cluster): readonly string[] =>
  (loadBalancingPolicy?.policies ?? []).map(({ typedExtensionConfig }) => typedExtensionConfig?.name ?? "");

describe("each form has of a picker what its clients accept", () => {
  test.each([
    ["two-choices", "grpc", 0, ["wrr_locality"]],
    ["round-robin", "grpc", 0, ["wrr_locality"]],
    ["ring-hash", "grpc", 0, ["ring_hash"]],
    ["two-choices", "java", 0, ["wrr_locality"]],
    ["two-choices", "envoy", 1, []],
    ["round-robin", "envoy", 0, []],
    ["ring-hash", "envoy", 2, []],
    ["two-choices", "armeria", 0, []],
    ["ring-hash", "armeria", 0, []],
  ] as const)("%s for %s", (picker, form, lbPolicy, list) => {
    const made = clusterFor({ picker }, form);
    expect([made.lbPolicy, listOf(made)]).toEqual([lbPolicy, list]);
  });
});

test("Node, Go and Java: a ring hash names its function and no size", () => {
  const json = jsonOf(clusterType.typeUrl, clusterType.encode(cluster(asking({ picker: "ring-hash" }), "grpc")));
  expect(json).toMatchObject({
    loadBalancingPolicy: { policies: [{ typedExtensionConfig: { typedConfig: { hashFunction: "XX_HASH" } } }] },
  });
  expect(JSON.stringify(json)).not.toContain("RingSize");
});

test("Java is told whom to report load to where requests are limited, since it counts none without, and differs in nothing else", () => {
  expect(clusterFor({}, "java")).toEqual(clusterFor({}, "grpc"));
  const { lrsServer, ...others } = clusterFor({ maxRequests: 7 }, "java");
  expect(lrsServer?.configSourceSpecifier?.$case).toBe("self");
  expect({ ...others, lrsServer: undefined }).toEqual(clusterFor({ maxRequests: 7 }, "grpc"));
});

test("Armeria is sent none of what its validator refuses, whatever is asked", () => {
  const outliers = {
    failurePercent: 85,
    minRequests: 50,
    minEndpoints: 5,
    intervalMs: 1,
    ejectionMs: 1,
    maxEjectedPercent: 10,
  };
  const made = clusterFor({ maxRequests: 7, outliers, warmUpMs: 1000 }, "armeria");
  expect(made).toMatchObject({
    loadBalancingPolicy: undefined,
    circuitBreakers: undefined,
    outlierDetection: undefined,
  });
  expect(made.commonLbConfig?.localityConfigSpecifier?.$case).toBe("localityWeightedLbConfig");
});

describe("a warm-up is Envoy's own business, and nobody else is told of it", () => {
  test.each([
    ["two-choices", "leastRequestLbConfig"],
    ["round-robin", "roundRobinLbConfig"],
  ] as const)("%s", (picker, config) => {
    const { lbConfig } = clusterFor({ picker, warmUpMs: 90_500 }, "envoy");
    expect(lbConfig).toMatchObject({
      $case: config,
      value: { slowStartConfig: { slowStartWindow: { seconds: 90, nanos: 500_000_000 } } },
    });
    expect(clusterFor({ picker }, "envoy").lbConfig).toBeUndefined();
    expect(clusterFor({ picker, warmUpMs: 90_500 }, "grpc")).toEqual(clusterFor({ picker }, "grpc"));
  });
});

const limitOf = ({ circuitBreakers }: Cluster) => circuitBreakers?.thresholds[0]?.maxRequests;

describe("B20: a Service made again under its name differs, for gRPC, in what Node parses", () => {
  test("in a limit that nobody reaches, where none is asked for", () => {
    const [one, other] = ["1", "2"].map((identity) => clusterFor({}, "grpc", identity));
    expect(one && limitOf(one)).not.toBe(other && limitOf(other));
    expect(one?.outlierDetection).toBeUndefined();
  });
  test("in less than a millisecond of an ejection that never comes, where a limit is asked for", () => {
    const [one, other] = ["1", "2"].map((identity) => clusterFor({ maxRequests: 7 }, "grpc", identity));
    expect([one && limitOf(one), other && limitOf(other)]).toEqual([7, 7]);
    expect(one?.outlierDetection?.maxEjectionTime).not.toEqual(other?.outlierDetection?.maxEjectionTime);
    expect(one?.outlierDetection).toMatchObject({ enforcingFailurePercentage: 0, enforcingSuccessRate: 0 });
    expect(one?.outlierDetection?.maxEjectionTime?.nanos).toBeLessThan(1_000_000);
  });
  test("while Envoy, which does not need it, is told the same of both", () => {
    const [one, other] = ["1", "2"].map((identity) => clusterFor({ maxRequests: 7 }, "envoy", identity));
    expect(one?.outlierDetection).toEqual(other?.outlierDetection);
  });
});

test("Envoy leaves out what it cannot connect to and sends elsewhere what nobody has seen, as gRPC does without being told", () => {
  const outliers = {
    failurePercent: 85,
    minRequests: 50,
    minEndpoints: 5,
    intervalMs: 10_000,
    ejectionMs: 30_000,
    maxEjectedPercent: 10,
  };
  for (const asked of [{}, { outliers }]) {
    const { outlierDetection, circuitBreakers } = clusterFor(asked, "envoy");
    expect(outlierDetection).toMatchObject({
      enforcingConsecutiveLocalOriginFailure: 100,
      splitExternalLocalOriginErrors: true,
    });
    // What a Service asks for lasts longer than a second, and is not done for one failure to connect.
    expect(outlierDetection?.consecutiveLocalOriginFailure).toBe("outliers" in asked ? 5 : 1);
    expect(circuitBreakers?.thresholds[0]?.retryBudget).toBeDefined();
    expect(clusterFor(asked, "grpc").outlierDetection?.splitExternalLocalOriginErrors ?? false).toBe(false);
  }
  expect(actionFor({}, "envoy")?.retryPolicy?.retryOn).toBe("connect-failure,refused-stream");
  expect(actionFor({}, "grpc")?.retryPolicy).toBeUndefined();
});

const NO_TIMEOUT = { seconds: 0, nanos: 0 };

test("an unlimited RPC is cut by nobody, nor by Envoy's own 15 seconds", () => {
  for (const form of ["grpc", "core", "envoy", "armeria"] as const) {
    expect(actionFor({}, form)).toMatchObject({ timeout: NO_TIMEOUT, maxStreamDuration: undefined });
  }
});

describe("a limited one is cut after that time, in the words that its client reads", () => {
  test.each([
    ["grpc", 1],
    ["envoy", 1],
    ["core", 3], // it counts from up to two seconds before the request
  ] as const)("%s", (form, seconds) => {
    expect(actionFor({ timeoutMs: 1500 }, form)).toMatchObject({
      timeout: NO_TIMEOUT,
      maxStreamDuration: { maxStreamDuration: { seconds, nanos: 500_000_000 } },
    });
  });
  test("armeria", () => {
    const made = actionFor({ timeoutMs: 1500, hashHeader: "x-user" }, "armeria");
    expect(made).toMatchObject({ timeout: { seconds: 1, nanos: 500_000_000 }, maxStreamDuration: undefined });
    expect(made?.hashPolicy).toEqual([]);
  });
});

const isSound = (duration: Duration | undefined): boolean =>
  duration !== undefined && duration.seconds >= 0 && duration.nanos >= 0 && duration.nanos < 1e9;
const msOf = (duration: Duration | undefined): number =>
  duration === undefined ? Number.NaN : duration.seconds * 1000 + duration.nanos / 1e6;

function retryFaults({ numRetries = 0, retryBackOff, retryOn }: RetryPolicy): readonly string[] {
  const [base, max] = [msOf(retryBackOff?.baseInterval), msOf(retryBackOff?.maxInterval)];
  const hasSoundBackoff = retryBackOff === undefined || (base > 0 && max >= base); // clients have one of their own
  const faults = { retries: numRetries < 1, backoff: !hasSoundBackoff, blanks: / /.test(retryOn) };
  return Object.entries(faults).flatMap(([fault, is]) => (is ? [fault] : []));
}

/** What clients refuse of a route beyond the rules of its fields (resources.md section 5). */
function routeFaults(bytes: Uint8Array): readonly string[] {
  const action = routeType.decode(bytes).virtualHosts[0]?.routes[0]?.action;
  if (action?.$case !== "route") return ["no action"];
  const { retryPolicy, maxStreamDuration } = action.value;
  return [
    ...(retryPolicy === undefined ? [] : retryFaults(retryPolicy)),
    ...(maxStreamDuration === undefined || isSound(maxStreamDuration.maxStreamDuration) ? [] : ["duration"]),
  ];
}

/** What clients refuse of a cluster beyond the rules of its fields (resources.md section 6). */
function clusterFaults(bytes: Uint8Array, form: ClusterForm): readonly string[] {
  const { lbPolicy, loadBalancingPolicy, circuitBreakers, outlierDetection: od } = clusterType.decode(bytes);
  const times = od === undefined ? [] : [od.maxEjectionTime];
  const faults = {
    enumOfGrpc: form !== "envoy" && lbPolicy !== 0,
    listOfEnvoy: form === "envoy" && loadBalancingPolicy !== undefined,
    noRequests: !((circuitBreakers?.thresholds[0]?.maxRequests ?? 0) >= 1),
    times: !times.every(isSound),
    enforcing:
      od !== undefined && (od.enforcingSuccessRate === undefined || od.enforcingFailurePercentage === undefined),
  };
  return Object.entries(faults).flatMap(([fault, is]) => (is ? [fault] : []));
}

const word = fc.constantFrom(
  ..."none default 5s 250ms..1s 0 7 -1 4294967295 NaN 1e9 unavailable,internal x-user -bin round_robin % = , ..".split(
    " ",
  ),
  "failures=50%,interval=5s",
  "",
);
const text = fc.oneof(
  word,
  fc.string(),
  fc.array(word, { maxLength: 4 }).map((parts) => parts.join(",")),
);
const keys = [...TRAFFIC_ANNOTATIONS.map(({ key }) => key), "unheard-of", "__proto__"];
const annotations = fc
  .array(fc.tuple(fc.constantFrom(...keys), text), { maxLength: 8 })
  .map((entries) => Object.fromEntries(entries.map(([key, value]) => [`evenkeel.dev/${key}`, value])));

test("whatever annotations say, nothing throws, and all that is made is accepted by every client", () => {
  fc.assert(
    fc.property(annotations, annotations, (own, inherited) => {
      const objects = objectsOf(service({ annotations: own }), slice([ready("10.0.0.1")]), namespace(inherited));
      const { model, changed } = derive(input(objects, { touched: everything }), emptyModel);
      const snapshot = nextSnapshot(model, changed, undefined, { clusterDomain: "cluster.local" });
      const made = snapshot.published.get("greeter.default:8080");
      if (made === undefined) throw new Error(`refused: ${[...snapshot.refused.keys()]}`);
      const specOf = () => snapshot.workloads.get("greeter.default:8080")?.spec;
      const bytesOf = (resource: Resource | undefined) => resource?.bytes ?? new Uint8Array();
      for (const form of ["grpc", "core", "envoy", "armeria"] as const) {
        expect(routeFaults(bytesOf(routeIn(form, made, specOf)))).toEqual([]);
      }
      for (const form of ["grpc", "java", "envoy"] as const) {
        expect(clusterFaults(bytesOf(clusterIn(form, made, specOf)), form)).toEqual([]);
      }
    }),
    { numRuns: 1000 },
  );
});

test("what is alike for many Services is the same object", () => {
  const [one, other] = ["1", "2"].map((identity) => cluster(asking({ timeoutMs: 5 }, identity), "grpc"));
  expect(one?.loadBalancingPolicy).toBe(other?.loadBalancingPolicy);
  expect(one?.typedExtensionProtocolOptions).toBe(other?.typedExtensionProtocolOptions);
});
