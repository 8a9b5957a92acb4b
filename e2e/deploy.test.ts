/** What deploy/, examples/kubernetes/ and e2e/kind/ say, held against the server, the documents and a client's own parser. */
import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import { validateBootstrapConfig } from "@grpc/grpc-js-xds/build/src/xds-bootstrap.js";
import { describe, expect, test } from "vitest";
import { Node } from "../gen/envoy/config/core/v3/base.ts";
import { refusalOf } from "../server/admin/guard.ts";
import { METRICS, ROUTES } from "../server/admin/routes.ts";
import { clientOf } from "../server/ads/node.ts";
import { readConfig } from "../server/config.ts";
import { tableOf } from "../snapshots/table.ts";
import { documentsOf, manifestDocuments } from "./harness/manifest-files.ts";

interface Variable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: { readonly fieldRef: { readonly fieldPath: string } };
}

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
}

interface Container {
  readonly image: string;
  readonly args: readonly string[];
  readonly env: readonly Variable[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly startupProbe: Probe;
  readonly livenessProbe: Probe;
  readonly readinessProbe: Probe;
  readonly resources: { readonly limits: { readonly memory: string } };
}

interface Labels {
  readonly matchLabels: Readonly<Record<string, string>>;
}

interface Deployment {
  readonly spec: {
    readonly replicas: number;
    readonly selector: Labels;
    readonly strategy: { readonly rollingUpdate: { readonly maxUnavailable: number } };
    readonly template: {
      readonly metadata: {
        readonly labels: Readonly<Record<string, string>>;
        readonly annotations: Readonly<Record<string, string>>;
      };
      readonly spec: {
        readonly serviceAccountName: string;
        readonly terminationGracePeriodSeconds: number;
        readonly topologySpreadConstraints: readonly { readonly labelSelector: Labels }[];
        readonly containers: readonly [Container];
      };
    };
  };
}

const documents = manifestDocuments();

function object<T>(file: string, kind: string): T {
  const found = documents.find((one) => one.file === file && one.kind === kind);
  if (found === undefined) throw new Error(`there is no ${kind} in ${file}`);
  return found.object as T;
}

const deployment = object<Deployment>("deploy/deployment.yaml", "Deployment");
const { spec: pod, metadata: podMetadata } = deployment.spec.template;
const [container] = pod.containers;

function settings() {
  const [command, ...flags] = container.args;
  const read = readConfig(flags, {});
  return { command, config: read.kind === "config" ? read.config : undefined, read };
}

test("every file is YAML, and every object has its names", () => {
  const names = documents.map(({ apiVersion, kind, metadata: { namespace = "", name } }) =>
    [apiVersion, kind, namespace, name].join(" "),
  );
  expect(names.filter((name) => name.includes("undefined"))).toEqual([]);
  expect(names).toContain("apps/v1 Deployment evenkeel-system evenkeel");
  expect(names).toContain("v1 Service default greeter");
});

test("the kustomization has every file of its folder that is for the API server", () => {
  const [kustomization = {}] = documentsOf("deploy/kustomization.yaml");
  const files = documents.map(({ file }) => file).filter((file) => path.dirname(file) === "deploy");
  expect(new Set(kustomization.resources as string[])).toEqual(new Set(files.map((file) => path.basename(file))));
});

test("the image has the version of the package", () => {
  const [kustomization = {}] = documentsOf("deploy/kustomization.yaml");
  const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
  expect(kustomization.images).toEqual([{ name: container.image, newTag: version }]);
});

describe("the Deployment", () => {
  test("starts serve with flags that it knows", () => {
    const { command, config, read } = settings();
    expect(read).toMatchObject({ kind: "config" });
    expect(command).toBe("serve");
    expect(config).toMatchObject({ xds: { host: "0.0.0.0" }, admin: { host: "0.0.0.0" } });
  });

  test("still does with those that the kind suite adds", () => {
    const added = readFileSync("e2e/kind/kustomization.yaml", "utf8").match(/--[a-z-]+=\w+/g) ?? [];
    const read = readConfig([...container.args.slice(1), ...added], {});
    expect(added).toHaveLength(1);
    expect(read).toMatchObject({ kind: "config" });
  });

  test("and the Service agree with the flags on ports", () => {
    const { config } = settings();
    const { spec } = object<{ spec: { ports: { port: number; targetPort: string }[] } }>(
      "deploy/service.yaml",
      "Service",
    );
    expect(container.ports).toEqual([
      { name: "xds", containerPort: config?.xds.port },
      { name: "admin", containerPort: config?.admin.port },
    ]);
    expect(spec.ports).toMatchObject([{ port: config?.xds.port, targetPort: "xds" }]);
    expect(podMetadata.annotations["prometheus.io/port"]).toBe(String(config?.admin.port));
  });

  test("probes paths that are answered on the address of the pod", () => {
    const probes = [container.startupProbe, container.livenessProbe, container.readinessProbe];
    const paths = probes.map(({ httpGet }) => httpGet.path);
    const known = ROUTES.map(({ path: route }) => route);
    expect(paths).toEqual(["/healthz", "/healthz", "/readyz"]);
    expect(probes.map(({ httpGet }) => httpGet.port)).toEqual(["admin", "admin", "admin"]);
    expect(known).toEqual(expect.arrayContaining(paths));
    const refusals = [...paths, METRICS.path].map((url) =>
      refusalOf({ method: "GET", url, route: url, headers: { host: "10.0.0.9:18001" } }, false),
    );
    expect(refusals).toEqual([undefined, undefined, undefined, undefined]);
  });

  test("leaves the time that a drain takes", () => {
    const { drainDelayMs = Number.NaN, drainGraceMs = Number.NaN } = settings().config ?? {};
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThanOrEqual((drainDelayMs + drainGraceMs) / 1000 + 5);
  });

  test("keeps the heap of Node under the limit of memory", () => {
    const [, heap] = /--max-old-space-size=(\d+)/.exec(container.env[0]?.value ?? "") ?? [];
    const [, limit] = /^(\d+)Mi$/.exec(container.resources.limits.memory) ?? [];
    expect(Number(heap)).toBeLessThanOrEqual(0.8 * Number(limit));
  });

  test("is found by all that selects its pods", () => {
    const { labels } = podMetadata;
    const budget = object<{ spec: { selector: Labels } }>("deploy/disruption-budget.yaml", "PodDisruptionBudget");
    const policy = object<{ spec: { podSelector: Labels } }>("deploy/examples/network-policy.yaml", "NetworkPolicy");
    const service = object<{ spec: { selector: object } }>("deploy/service.yaml", "Service");
    const selectors = [
      deployment.spec.selector.matchLabels,
      ...pod.topologySpreadConstraints.map(({ labelSelector }) => labelSelector.matchLabels),
      budget.spec.selector.matchLabels,
      policy.spec.podSelector.matchLabels,
      service.spec.selector,
    ];
    expect(selectors).toEqual(selectors.map(() => labels));
  });

  test("never has fewer replicas while it is updated", () => {
    expect(deployment.spec).toMatchObject({ replicas: 2, strategy: { rollingUpdate: { maxUnavailable: 0 } } });
  });
});

describe("permissions", () => {
  const role = object<{ metadata: { name: string }; rules: { resources: string[]; verbs: string[] }[] }>(
    "deploy/permissions.yaml",
    "ClusterRole",
  );

  test("are exactly those that the document lists", () => {
    const listed = [...readFileSync("docs/kubernetes.md", "utf8").matchAll(/^\| `([a-z]+)`\s+\| ([a-z, ]+?)\s+\|/gm)];
    const documented = listed.map(([, kind, verbs]) => `${kind}: ${verbs}`);
    expect(role.rules.map(({ resources, verbs }) => `${resources.join(", ")}: ${verbs.join(", ")}`)).toEqual(
      documented,
    );
    expect(documented).toHaveLength(4);
  });

  test("are given to the account of the pods", () => {
    const account = object<{ metadata: object }>("deploy/permissions.yaml", "ServiceAccount");
    const binding = object<object>("deploy/permissions.yaml", "ClusterRoleBinding");
    expect(account.metadata).toEqual({ name: pod.serviceAccountName, namespace: "evenkeel-system" });
    expect(binding).toMatchObject({
      roleRef: { kind: "ClusterRole", name: role.metadata.name },
      subjects: [{ kind: "ServiceAccount", ...account.metadata }],
    });
  });
});

/** What the downward API gives a pod whose node is known, with the labels of Kubernetes 1.35. */
const FIELDS: Readonly<Record<string, string>> = {
  "metadata.name": "greeter-client-1",
  "metadata.namespace": "default",
  "spec.nodeName": "node-a",
  "metadata.labels['topology.kubernetes.io/region']": "eu",
  "metadata.labels['topology.kubernetes.io/zone']": "eu-a",
};

/** Variables as the kubelet sets them: `$(NAME)` stands for one further up, and for itself if there is none. */
function environmentOf(variables: readonly Variable[], fields: Readonly<Record<string, string>>) {
  const given = new Map<string, string>();
  for (const { name, value, valueFrom } of variables) {
    const text = value?.replace(/\$\((\w+)\)/g, (whole, other) => given.get(other) ?? whole);
    given.set(name, text ?? fields[valueFrom?.fieldRef.fieldPath ?? ""] ?? "");
  }
  return given;
}

const topology = {
  zoneOfNode: tableOf([["node-a", { region: "eu", zone: "eu-a" }]]),
  regionsOfZone: tableOf([["eu-a", ["eu"]]]),
};

describe.each(globSync("examples/kubernetes/client-*.yaml"))("the bootstrap of %s", (file) => {
  const [{ env }] = object<Deployment>(file, "Deployment").spec.template.spec.containers;
  const bootstrapFor = (fields: Readonly<Record<string, string>>) =>
    JSON.parse(environmentOf(env, fields).get("GRPC_XDS_BOOTSTRAP_CONFIG") ?? "");

  test("is accepted by the stock Node client, with every variable filled in", () => {
    const bootstrap = bootstrapFor(FIELDS);
    expect(JSON.stringify(bootstrap)).not.toContain("$(");
    expect(validateBootstrapConfig(bootstrap).node.id).toBe("default/greeter-client-1");
  });

  test("names the Service of deploy/", () => {
    const { metadata, spec } = object<{
      metadata: { name: string; namespace: string };
      spec: { ports: { port: number }[] };
    }>("deploy/service.yaml", "Service");
    const target = `dns:///${metadata.name}.${metadata.namespace}.svc:${spec.ports[0]?.port}`;
    expect(validateBootstrapConfig(bootstrapFor(FIELDS)).xdsServers).toMatchObject([{ server_uri: target }]);
  });

  test.each(["with", "without"])("puts the client into the zone of its node, %s labels on the pod", (labels) => {
    const fields = Object.entries(FIELDS).filter(([field]) => labels === "with" || !field.includes("labels"));
    const { node } = bootstrapFor(Object.fromEntries(fields));
    const { zoneClass } = clientOf(Node.fromPartial(node), "10.0.0.1:50000", { topology, placeOf: () => undefined });
    expect(zoneClass).toMatchObject({ kind: "known", zone: { region: "eu", zone: "eu-a" } });
  });
});
