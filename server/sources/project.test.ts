import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ObjectKind } from "../../snapshots/objects.ts";
import { project } from "./project.ts";

const metadata = { name: "a", namespace: "shop" };
const messages = (kind: ObjectKind, raw: unknown): readonly string[] =>
  project(kind, raw).problems.map(({ message }) => message);

describe("what is read", () => {
  test("a Service in full", () => {
    const raw = {
      metadata: {
        name: "1st",
        namespace: "shop",
        uid: "u-1",
        annotations: {
          "evenkeel.dev/lb": "round_robin",
          "service.kubernetes.io/topology-mode": "Auto",
          "other/x": "y",
        },
        managedFields: [{}],
      },
      spec: {
        type: "LoadBalancer",
        ipFamilies: ["IPv6", "IPv4"],
        internalTrafficPolicy: "Local",
        trafficDistribution: "PreferClose",
        ports: [
          { name: "grpc", port: 8080, targetPort: "web", appProtocol: "kubernetes.io/h2c", nodePort: 30_001 },
          { name: "dns", port: 53, protocol: "UDP", targetPort: 5353 },
        ],
      },
    };
    expect(project("Service", raw)).toEqual({
      id: "Service shop/1st",
      problems: [],
      object: {
        kind: "Service",
        namespace: "shop",
        name: "1st",
        uid: "u-1",
        annotations: { "evenkeel.dev/lb": "round_robin", "service.kubernetes.io/topology-mode": "Auto" },
        type: "LoadBalancer",
        ports: [
          { name: "grpc", port: 8080, protocol: "TCP", targetPort: "web", appProtocol: "kubernetes.io/h2c" },
          { name: "dns", port: 53, protocol: "UDP", targetPort: 5353 },
        ],
        ipFamilies: ["IPv6", "IPv4"],
        internalTrafficPolicy: "Local",
        trafficDistribution: "PreferClose",
      },
    });
  });

  test("a Service that says next to nothing gets the defaults of Kubernetes", () => {
    expect(project("Service", { metadata: { name: "a" }, spec: { ports: [{ port: 80 }] } }).object).toEqual({
      kind: "Service",
      namespace: "default",
      name: "a",
      annotations: {},
      type: "ClusterIP",
      ports: [{ name: "", port: 80, protocol: "TCP" }],
      ipFamilies: [],
      internalTrafficPolicy: "Cluster",
    });
  });

  test("H5: conditions, zone, node and hints of an endpoint stand as written, and only its first address counts", () => {
    const endpoint = {
      addresses: ["10.0.0.1", "10.0.0.2"],
      conditions: { ready: false, serving: true, terminating: true },
      nodeName: "n",
      zone: "z",
      hints: { forZones: [{ name: "y" }], forNodes: [{ name: "m" }] },
      targetRef: { kind: "Pod" },
    };
    const raw = {
      metadata: { ...metadata, labels: { "kubernetes.io/service-name": "cart" } },
      addressType: "IPv4",
      ports: [{ name: "grpc", port: 8080, protocol: "TCP" }, {}],
      endpoints: [endpoint, { addresses: ["10.0.0.3"], conditions: { ready: null }, zone: "" }],
    };
    expect(project("EndpointSlice", raw).object).toEqual({
      kind: "EndpointSlice",
      namespace: "shop",
      name: "a",
      service: "cart",
      addressType: "IPv4",
      ports: [
        { name: "grpc", port: 8080, protocol: "TCP" },
        { name: "", protocol: "TCP" },
      ],
      endpoints: [
        {
          address: "10.0.0.1",
          ready: false,
          serving: true,
          terminating: true,
          nodeName: "n",
          zone: "z",
          hintedZones: ["y"],
          hintedNodes: ["m"],
        },
        { address: "10.0.0.3" },
      ],
    });
  });

  test.each([
    ["IPv4", "10.0.0.999"],
    ["IPv4", "::1"],
    ["IPv6", "fe80::1%eth0"],
  ])("H7: an %s endpoint whose address is %j stands as written, so that only it is left out", (addressType, bad) => {
    const raw = { metadata, addressType, endpoints: [{ addresses: [bad] }, { addresses: ["10.0.0.1"] }] };
    expect(project("EndpointSlice", raw)).toMatchObject({
      object: { endpoints: [{ address: bad }, { address: "10.0.0.1" }] },
      problems: [],
    });
  });

  test.each([
    ["2026-11-25T12:00:00.25Z", Date.UTC(2026, 10, 25, 12, 0, 0, 250)],
    ["yesterday", undefined],
    [5, undefined],
  ])("a slice says since when it is so: %j", (text, changedAt) => {
    const metadata = {
      name: "s",
      namespace: "shop",
      annotations: { "endpoints.kubernetes.io/last-change-trigger-time": text },
    };
    const { object, problems } = project("EndpointSlice", { metadata, addressType: "IPv4", endpoints: [], ports: [] });
    expect([object, problems]).toMatchObject([{ kind: "EndpointSlice" }, []]);
    expect(object).toEqual(expect.objectContaining(changedAt === undefined ? {} : { changedAt }));
    expect(Object.hasOwn(object ?? {}, "changedAt")).toBe(changedAt !== undefined);
  });

  test("H1: a slice scaled to zero, with null for its lists, is an empty slice", () => {
    const { object, problems } = project("EndpointSlice", {
      metadata,
      addressType: "IPv4",
      ports: null,
      endpoints: null,
    });
    expect(object).toMatchObject({ ports: [], endpoints: [] });
    expect(problems).toEqual([]);
  });

  test("a Node's zone, region and address ranges, in either of the two fields", () => {
    const labels = { "topology.kubernetes.io/region": "r", "topology.kubernetes.io/zone": "z", other: "x" };
    const read = (spec: unknown) => project("Node", { metadata: { name: "n.example", labels }, spec }).object;
    expect(read({ podCIDR: "10.0.0.0/24", podCIDRs: ["10.0.0.0/24", "fd00::/64"] })).toEqual({
      kind: "Node",
      name: "n.example",
      region: "r",
      zone: "z",
      podCidrs: ["10.0.0.0/24", "fd00::/64"],
    });
    expect(read({ podCIDR: "10.0.0.0/24" })).toMatchObject({ podCidrs: ["10.0.0.0/24"] });
    expect(read(undefined)).toMatchObject({ podCidrs: [] });
  });

  test("a Namespace's own annotations", () => {
    const annotations = { "evenkeel.dev/enabled": "false", "service.kubernetes.io/x": "y" };
    expect(project("Namespace", { metadata: { name: "shop", annotations } })).toEqual({
      id: "Namespace shop",
      object: { kind: "Namespace", name: "shop", annotations: { "evenkeel.dev/enabled": "false" } },
      problems: [],
    });
  });
});

describe("what is wrong", () => {
  const service = (spec: unknown, more: object = {}) => ({ metadata: { ...metadata, ...more }, spec });
  const slice = (more: object) => ({ metadata, addressType: "IPv4", ...more });

  test.each<[ObjectKind, unknown, string]>([
    ["Service", 5, "the object must be an object, not 5"],
    ["Service", { metadata }, "spec is missing: it must be an object"],
    ["Service", service([]), "spec must be an object, not a list"],
    ["Service", service({ ports: {} }), "spec.ports must be a list, not an object"],
    ["Service", service({ ports: [80] }), "spec.ports[0] must be an object, not 80"],
    ["Service", service({ ports: [{}] }), "spec.ports[0].port is missing: it must be an integer from 1 to 65535"],
    [
      "Service",
      service({ ports: [{ port: "http" }] }),
      'spec.ports[0].port must be an integer from 1 to 65535, not "http"',
    ],
    [
      "Service",
      service({ ports: [{ port: 65_536 }] }),
      "spec.ports[0].port must be an integer from 1 to 65535, not 65536",
    ],
    ["Service", service({ ports: [{ port: 1.5 }] }), "spec.ports[0].port must be an integer from 1 to 65535, not 1.5"],
    [
      "Service",
      service({ ports: [{ port: 80, protocol: "tcp" }] }),
      'spec.ports[0].protocol must be one of TCP, UDP, SCTP, not "tcp"',
    ],
    [
      "Service",
      service({ ports: [{ port: 80, targetPort: 0 }] }),
      "spec.ports[0].targetPort must be an integer from 1 to 65535 or a name, not 0",
    ],
    [
      "Service",
      service({
        ports: [
          { name: "a", port: 80 },
          { name: "b", port: 80 },
        ],
      }),
      "spec.ports[1].port must be unique for TCP, not 80",
    ],
    [
      "Service",
      service({
        ports: [
          { name: "a", port: 80 },
          { name: "a", port: 81 },
        ],
      }),
      'spec.ports[1].name must be unique in the Service, not "a"',
    ],
    [
      "Service",
      service({ type: "External" }),
      'spec.type must be one of ClusterIP, NodePort, LoadBalancer, ExternalName, not "External"',
    ],
    ["Service", service({ ipFamilies: ["IPv5"] }), 'spec.ipFamilies[0] must be one of IPv4, IPv6, not "IPv5"'],
    ["Service", service({}, { uid: 7 }), "metadata.uid must be a string, not 7"],
    ["EndpointSlice", { metadata }, "addressType is missing: it must be one of IPv4, IPv6, FQDN"],
    [
      "EndpointSlice",
      slice({ endpoints: [{ addresses: ["10.0.0.1"] }, { addresses: [7] }] }),
      "endpoints[1].addresses[0] must be an address, not 7",
    ],
    ["EndpointSlice", slice({ endpoints: [{}] }), "endpoints[0].addresses is missing: it must be an address"],
    [
      "EndpointSlice",
      slice({ endpoints: [{ addresses: ["10.0.0.1"], conditions: { ready: "yes" } }] }),
      'endpoints[0].conditions.ready must be true or false, not "yes"',
    ],
    [
      "Node",
      { metadata: { name: "n", labels: { "topology.kubernetes.io/zone": 5 } } },
      'metadata.labels["topology.kubernetes.io/zone"] must be a string, not 5',
    ],
    [
      "Node",
      { metadata: { name: "n" }, spec: { podCIDR: "10.0.0.0/33" } },
      'spec.podCIDR must be an address range such as 10.0.1.0/24, not "10.0.0.0/33"',
    ],
  ])("%s %j: %s", (kind, raw, message) => {
    expect(messages(kind, raw)).toContain(message);
    expect(project(kind, raw).object).toBeUndefined();
  });

  test.each<[ObjectKind, object]>([
    ["Service", { name: "Cart" }],
    ["Service", { name: "a.b" }],
    ["Service", { name: "a".repeat(64) }],
    ["Service", { name: "a", namespace: "-shop" }],
    ["EndpointSlice", { name: "a_b" }],
    ["Node", { name: 7 }],
    ["Namespace", {}],
  ])("a %s of metadata %j is not used, and is called by no name", (kind, bad) => {
    const { id, object, problems } = project(kind, { metadata: bad, spec: {}, addressType: "IPv4" });
    expect([id, object]).toEqual([undefined, undefined]);
    expect(problems).toEqual([
      { object: `${kind} without a good name`, code: "bad-object", message: expect.stringContaining("metadata.name") },
    ]);
  });

  test("every bad field is named, each once", () => {
    const raw = { metadata: "x", spec: { ports: [{ port: 0 }, { port: 0 }], type: 1 } };
    const found = messages("Service", raw);
    expect(found.map((message) => message.split(" ")[0])).toEqual([
      "spec.ports[0].port",
      "spec.ports[1].port",
      "metadata",
      "metadata.name",
      "spec.type",
    ]);
  });

  test("an annotation that is no string is left out, and the Service stays", () => {
    const raw = service(
      { ports: [] },
      { annotations: { "evenkeel.dev/enabled": false, "evenkeel.dev/lb": "x", other: 1 } },
    );
    expect(project("Service", raw)).toMatchObject({
      object: { annotations: { "evenkeel.dev/lb": "x" } },
      problems: [
        {
          object: "Service shop/a",
          code: "bad-annotation",
          message: 'metadata.annotations["evenkeel.dev/enabled"] must be a string, not false',
        },
      ],
    });
  });

  test("no JSON whatever makes it throw, and what is not used has a problem", () => {
    const kinds = fc.constantFrom<ObjectKind>("Service", "EndpointSlice", "Node", "Namespace");
    const scalar = fc.constantFrom<unknown>(null, true, 0, 80, "", "a", "10.0.0.1", "IPv4");
    const keys = fc.constantFrom("metadata", "spec", "ports", "endpoints", "addresses", "addressType", "name", "port");
    const { anything } = fc.letrec<{ anything: unknown }>((tie) => ({
      anything: fc.oneof(
        { maxDepth: 4, withCrossShrink: true },
        scalar,
        fc.array(tie("anything"), { maxLength: 2 }),
        fc.dictionary(keys, tie("anything"), { maxKeys: 4 }),
      ),
    }));
    fc.assert(
      fc.property(kinds, anything, (kind, raw) => {
        const { object, problems } = project(kind, raw);
        expect(object !== undefined || problems.length > 0).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
