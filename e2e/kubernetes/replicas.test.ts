/** evenkeel itself: what it may do, and what clients notice when its replicas come and go. */
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { type Api, collectionOf, type KubernetesObject, openApi, proxyOf } from "./harness/api.ts";
import { SYSTEM } from "./harness/assignments.ts";
import { type Backends, type Cluster, openCluster } from "./harness/cluster.ts";
import { deploymentUrl, isReady, podsOf, rolledOut } from "./harness/deployments.ts";
import { eventually } from "./harness/eventually.ts";
import { killPod } from "./harness/faults.ts";
import { metricIn } from "./harness/metrics.ts";
import type { Pod } from "./harness/objects.ts";
import { isOwnCluster } from "./harness/programs.ts";
import { type Client, noFailures } from "./harness/traffic.ts";

const ADMIN_PORT = 18_001;
/** Of the suite's evenkeel: `--max-connection-age`, a tenth more, and the grace in which it ends. */
const CONNECTION_AGE_MS = 22_000 + 20_000;
const EVENKEEL = "app.kubernetes.io/name=evenkeel";
const CLIENTS = 8;
/** Longer than so many clients take to start at once on a busy machine. */
const DEADLINE_MS = 20_000;

let cluster: Cluster;
let backends: Backends;
let client: Client;
beforeAll(async () => {
  cluster = await openCluster("replicas");
  backends = await cluster.deployBackends({ name: "greeter", replicas: 3 });
  client = await cluster.deployClient({
    replicas: CLIENTS,
    traffic: [{ ...backends, rate: 5, deadlineMs: DEADLINE_MS }],
  });
  await client.flows(5);
});
afterAll(() => cluster[Symbol.asyncDispose]());

const evenkeels = (): Promise<readonly Pod[]> => podsOf(cluster.api, SYSTEM, EVENKEEL);

async function metricsOf({ metadata: { name, namespace = "" } }: Pod): Promise<string> {
  const answer = await cluster.api.request("GET", proxyOf({ namespace, name, port: ADMIN_PORT }, "/metrics"));
  if (answer.status !== 200) throw new Error(`metrics of ${name}: ${answer.status} ${answer.text}`);
  return answer.text;
}

const sum = (counts: readonly number[]): number => counts.reduce((whole, count) => whole + count, 0);

/** How many streams each replica has. */
const streams = async (): Promise<readonly number[]> =>
  (await Promise.all((await evenkeels()).map(metricsOf))).map((text) => metricIn(text, "evenkeel_streams"));

/** Resolves when the two replicas have all of the clients between them, and each some. Only age moves a client from where it is. */
const spread = (): Promise<void> =>
  eventually(async () => {
    const counts = await streams();
    expect(counts).toHaveLength(2);
    expect(Math.min(...counts)).toBeGreaterThan(0);
    expect(sum(counts)).toBeGreaterThanOrEqual(CLIENTS);
  }, CONNECTION_AGE_MS);

const scaleEvenkeel = async (replicas: number): Promise<void> => {
  await cluster.api.patch(deploymentUrl(SYSTEM, "evenkeel"), { spec: { replicas } });
  await rolledOut(cluster.api, SYSTEM, "evenkeel");
};

async function expectServed(): Promise<void> {
  await cluster.expectConverged("greeter");
  await client.flows(5);
  await noFailures(client);
}

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/** What a service account may do, as the API server itself sees it. */
async function rightsOf(account: Api): Promise<readonly string[]> {
  const url = collectionOf("authorization.k8s.io/v1", "SelfSubjectRulesReview");
  const review = { apiVersion: "authorization.k8s.io/v1", kind: "SelfSubjectRulesReview", spec: { namespace: SYSTEM } };
  const { status, text } = await account.request("POST", url, review);
  expect(status).toBe(201);
  const { resourceRules } = JSON.parse(text).status as { readonly resourceRules: readonly Rule[] };
  return resourceRules.flatMap(({ apiGroups, resources, verbs }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) => verbs.map((verb) => `${verb} ${resource} of "${group}"`)),
    ),
  );
}

const accountOf = (name: string): Api =>
  openApi(process.env.KUBECONFIG ?? "", `system:serviceaccount:${SYSTEM}:${name}`);

test("evenkeel may read four kinds, and no more than any service account besides", async () => {
  const common = new Set(await rightsOf(accountOf("default")));
  const own = (await rightsOf(accountOf("evenkeel"))).filter((right) => !common.has(right));
  expect(own.toSorted()).toEqual([
    'get endpointslices of "discovery.k8s.io"',
    'get services of ""',
    'list endpointslices of "discovery.k8s.io"',
    'list namespaces of ""',
    'list nodes of ""',
    'list services of ""',
    'watch endpointslices of "discovery.k8s.io"',
    'watch namespaces of ""',
    'watch nodes of ""',
    'watch services of ""',
  ]);
});

test("evenkeel is refused Pods, Secrets and every write, and the cluster is served all the same", async () => {
  const account = accountOf("evenkeel");
  const service = `${collectionOf("v1", "Service", cluster.namespace)}/greeter`;
  const attempts = [
    account.request("GET", collectionOf("v1", "Pod")),
    account.request("GET", collectionOf("v1", "Secret", SYSTEM)),
    account.request("PATCH", service, { metadata: { labels: { e: "e" } } }, "application/merge-patch+json"),
    account.request("DELETE", service),
  ];
  expect((await Promise.all(attempts)).map(({ status }) => status)).toEqual([403, 403, 403, 403]);
  expect((await account.request("GET", service)).status).toBe(200);
  await expectServed();
});

test("both replicas restart: no request fails, and clients spread over both within the connection age", async () => {
  const annotations = { "kubectl.kubernetes.io/restartedAt": new Date().toISOString() };
  const before = new Set((await evenkeels()).map(({ metadata }) => metadata.name));
  await cluster.api.patch(deploymentUrl(SYSTEM, "evenkeel"), { spec: { template: { metadata: { annotations } } } });
  await rolledOut(cluster.api, SYSTEM, "evenkeel");
  await eventually(async () => {
    const now = await evenkeels();
    expect(now.map(({ metadata }) => before.has(metadata.name))).toEqual([false, false]);
  });
  await expectServed();
  await spread();
  await expectServed();
});

test("a replica that is added has its part of the clients within the connection age", async () => {
  await scaleEvenkeel(1);
  onTestFinished(() => scaleEvenkeel(2));
  await eventually(async () => expect(await streams()).toEqual([CLIENTS]));
  await scaleEvenkeel(2);
  await spread();
  await expectServed();
});

test.runIf(isOwnCluster)("a killed replica: its clients connect to the other and no request fails", async () => {
  await spread();
  const [victim] = await evenkeels();
  if (victim === undefined) throw new Error("there is no evenkeel");
  await killPod(victim);
  const [pod] = await backends.pods();
  if (pod === undefined) throw new Error("there is no backend");
  await backends.setReady(pod, false);
  onTestFinished(() => backends.setReady(pod, true));
  await expectServed();
  await eventually(async () => expect(sum(await streams())).toBeGreaterThanOrEqual(CLIENTS));
});

test("all replicas away: running clients go on, new ones wait until one is back", async () => {
  await scaleEvenkeel(0);
  onTestFinished(() => scaleEvenkeel(2));
  await client.flows(10);
  await backends.scale(2); // the pod that goes is left out by those that cannot connect to it any more
  await client.flows(10);
  const late = await cluster.deployClient({ name: "late", traffic: [{ ...backends, rate: 5, deadlineMs: 60_000 }] });
  await delay(3000);
  const [stats] = await late.stats();
  expect(stats?.targets).toMatchObject([{ ok: 0, failed: 0 }]);
  await client.flows(10);
  await scaleEvenkeel(2);
  await late.flows(10);
  await noFailures(late);
  await expectServed();
});

interface PodTemplate {
  readonly metadata: object;
  readonly spec: { readonly containers: readonly [{ readonly env?: readonly object[] }] };
}

/** One more evenkeel like those that run, but in the namespace of the test, with a service account that may read nothing. */
async function deployLike(name: string, env: readonly object[]): Promise<void> {
  const original = await cluster.api.get<KubernetesObject & { readonly spec: { readonly template: PodTemplate } }>(
    deploymentUrl(SYSTEM, "evenkeel"),
  );
  if (original === undefined) throw new Error("there is no evenkeel");
  const { spec } = original.spec.template;
  const labels = { app: name };
  const [container] = spec.containers;
  const containers = [{ ...container, env: [...(container.env ?? []), ...env] }];
  const template = {
    metadata: { labels },
    spec: {
      ...spec,
      containers,
      serviceAccount: "default",
      serviceAccountName: "default",
      topologySpreadConstraints: [],
    },
  };
  const deployment = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace: cluster.namespace },
    spec: { replicas: 1, selector: { matchLabels: labels }, template },
  };
  await cluster.api.apply(deployment);
}

/** What became of its one pod, and of what it says of itself. */
async function stateOf(name: string) {
  const [pod] = await podsOf(cluster.api, cluster.namespace, `app=${name}`);
  if (pod === undefined) throw new Error(`there is no pod of ${name}`);
  const address = { namespace: cluster.namespace, name: pod.metadata.name, port: ADMIN_PORT };
  const [health, ready] = await Promise.all(
    ["/healthz", "/readyz?verbose"].map((url) => cluster.api.request("GET", proxyOf(address, url))),
  );
  const restarts = pod.status.containerStatuses?.map(({ restartCount }) => restartCount);
  return { isReady: isReady(pod), restarts, health: health?.status, ready: ready?.status, why: ready?.text ?? "" };
}

test("a replica that cannot read the cluster never gets ready and is not restarted", async () => {
  await deployLike("refused", []);
  await deployLike("cut-off", [{ name: "KUBERNETES_SERVICE_PORT", value: "1" }]);
  const waiting = { isReady: false, restarts: [0], health: 200, ready: 503 };
  for (const name of ["refused", "cut-off"])
    await eventually(async () => expect(await stateOf(name)).toMatchObject(waiting));
  await delay(10_000);
  expect(await stateOf("refused")).toMatchObject({ ...waiting, why: expect.stringContaining("no right to list") });
  expect(await stateOf("cut-off")).toMatchObject({ ...waiting, why: expect.stringContaining("ECONNREFUSED") });
  const subjects = [{ kind: "ServiceAccount", name: "default", namespace: cluster.namespace }];
  const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "evenkeel" };
  const binding = {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRoleBinding",
    metadata: { name: cluster.namespace },
    roleRef,
    subjects,
  };
  await cluster.api.apply(binding);
  onTestFinished(() =>
    cluster.api.remove(`${collectionOf("rbac.authorization.k8s.io/v1", "ClusterRoleBinding")}/${cluster.namespace}`),
  );
  await eventually(async () => expect(await stateOf("refused")).toMatchObject({ isReady: true, restarts: [0] }));
  expect(await stateOf("cut-off")).toMatchObject(waiting);
});
