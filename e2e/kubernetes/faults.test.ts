/** What an API server does to evenkeel, under the steady traffic of stock clients: on e2e/cluster, where it can be made to. */
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { collectionOf, type KubernetesObject } from "./harness/api.ts";
import { ADMIN_PORT, assigned, SYSTEM, XDS_PORT } from "./harness/assignments.ts";
import { type Cluster, openCluster } from "./harness/cluster.ts";
import { startCuttableServer } from "./harness/cut-off.ts";
import { isReady, podsOf } from "./harness/deployments.ts";
import { eventually } from "./harness/eventually.ts";
import { compact, freezeApiServer, kill, takeAway } from "./harness/faults.ts";
import { metricIn } from "./harness/metrics.ts";
import { isOwnCluster } from "./harness/programs.ts";
import { noFailures } from "./harness/traffic.ts";
import { CONTROL_PORT } from "./pods/protocol.ts";

const EVENKEEL = "app.kubernetes.io/name=evenkeel";

interface Page {
  readonly status: number;
  readonly text: string;
}

/** Asks a pod without the API server. */
async function page(ip: string | undefined, port: number, url: string, init?: RequestInit): Promise<Page> {
  const answer = await fetch(`http://${ip}:${port}${url}`, init);
  return { status: answer.status, text: await answer.text() };
}

describe.runIf(isOwnCluster)("faults of the API server", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await openCluster("faults");
  });
  afterAll(() => cluster[Symbol.asyncDispose]());

  /** The addresses of evenkeel's pods. */
  const evenkeels = async (): Promise<readonly (string | undefined)[]> =>
    (await podsOf(cluster.api, SYSTEM, EVENKEEL)).map(({ status }) => status.podIP);

  test("the API server is killed and comes back: no request fails, and what changed meanwhile arrives", async () => {
    const backends = await cluster.deployBackends({ name: "away", replicas: 3 });
    const client = await cluster.deployClient({ name: "away-client", traffic: [backends] });
    await client.flows();
    const servers = await evenkeels();
    const [pod] = await backends.pods();
    {
      await using _ = await takeAway("apiserver");
      for (const ip of servers) {
        await eventually(async () => {
          const { text } = await page(ip, ADMIN_PORT, "/metrics");
          expect(metricIn(text, "evenkeel_source_healthy")).toBe(0);
        });
        expect((await page(ip, ADMIN_PORT, "/readyz")).status).toBe(200);
      }
      const headers = { "content-type": "application/json" };
      const unready = { method: "POST", body: JSON.stringify({ ready: false }), headers };
      expect((await page(pod?.status.podIP, CONTROL_PORT, "/ready", unready)).status).toBe(200);
    }
    await eventually(async () => expect((await backends.pods()).filter((one) => !isReady(one))).toHaveLength(1));
    await cluster.expectConverged("away");
    if (pod !== undefined) await backends.setReady(pod, true);
    await cluster.expectConverged("away");
    await client.flows();
    await noFailures(client);
  });

  test("the API server is frozen for 60 s: no client notices", async () => {
    const backends = await cluster.deployBackends({ name: "frozen", replicas: 3 });
    const client = await cluster.deployClient({ name: "frozen-client", traffic: [backends] });
    await client.flows();
    {
      await using _ = await freezeApiServer(cluster.api);
      await delay(60_000);
    }
    await client.flows();
    await noFailures(client);
    await backends.scale(4);
    await cluster.expectConverged("frozen");
    await client.flows();
    await noFailures(client);
  }, 240_000);

  test("the watch expires by compaction: what was missed arrives, removals too", async () => {
    await using evenkeel = await startCuttableServer();
    const servers = [evenkeel.xds];
    const backends = await cluster.deployBackends({ name: "expired", replicas: 4 });
    const client = await cluster.deployClient({ name: "expired-client", traffic: [backends], server: evenkeel.xds });
    await cluster.expectConverged("expired", { servers });
    await client.flows();
    {
      using _ = evenkeel.cutter.cut();
      await backends.scale(5);
      await cluster.applyService("expired-new", { selector: { app: "expired" }, ports: [{ port: 80 }] });
      const [pod] = await backends.pods();
      if (pod !== undefined) await backends.setReady(pod, false);
      await compact();
    }
    await cluster.expectConverged(["expired", "expired-new"], { servers });
    expect(metricIn(await evenkeel.metrics(), "evenkeel_source_watch_ends_total", 'reason="expired"')).toBeGreaterThan(
      0,
    );
    await client.flows();
    await noFailures(client);
  });

  test("watch connections cut every 200 ms for a minute lose and invent no endpoint", async () => {
    await using evenkeel = await startCuttableServer();
    const servers = [evenkeel.xds];
    const steady = await cluster.deployBackends({ name: "steady", replicas: 2 });
    const busy = await cluster.deployBackends({ name: "busy", replicas: 2 });
    const client = await cluster.deployClient({ name: "cut-client", traffic: [steady, busy], server: evenkeel.xds });
    await client.flows();
    {
      using cuts = evenkeel.cutter.cutAgainAndAgain(200);
      const until = performance.now() + 60_000;
      for (let round = 0; performance.now() < until; round += 1) {
        await busy.scale(2 + (round % 3));
        await cluster.expectConverged("steady", { servers, withinMs: 0 });
        await cluster.expectConverged("busy", { servers });
      }
      expect(cuts.ended()).toBeGreaterThan(100);
    }
    await cluster.expectConverged(["steady", "busy"], { servers });
    await client.flows();
    await noFailures(client);
  }, 240_000);

  test("permissions taken away are named, and given back are used, with no request failed", async () => {
    const backends = await cluster.deployBackends({ name: "denied", replicas: 2 });
    const client = await cluster.deployClient({ name: "denied-client", traffic: [backends] });
    await client.flows();
    await cluster.expectConverged("denied");
    const url = `${collectionOf("rbac.authorization.k8s.io/v1", "ClusterRole")}/evenkeel`;
    const { rules } = (await cluster.api.get<KubernetesObject & { readonly rules: object }>(url)) ?? {};
    onTestFinished(() => cluster.api.patch(url, { rules }));
    const before = await assignedEverywhere("denied");
    await cluster.api.patch(url, { rules: [] });
    await kill("apiserver"); // a watch that is open goes on whatever its owner may do
    for (const ip of await eventually(evenkeels)) {
      await eventually(async () => {
        const { status, text } = await page(ip, ADMIN_PORT, "/readyz?verbose");
        expect(status).toBe(200);
        expect(text).toContain(String.raw`resources: [\"endpointslices\"], verbs: [\"get\", \"list\", \"watch\"]`);
      });
      const { text } = await page(ip, ADMIN_PORT, "/metrics");
      expect(metricIn(text, "evenkeel_source_forbidden", 'kind="EndpointSlice"')).toBeGreaterThan(0);
    }
    await backends.scale(4);
    expect(await assignedEverywhere("denied")).toEqual(before);
    await cluster.api.patch(url, { rules });
    await cluster.expectConverged("denied");
    for (const ip of await evenkeels())
      await eventually(async () => {
        const { text } = await page(ip, ADMIN_PORT, "/metrics");
        expect(metricIn(text, "evenkeel_source_forbidden")).toBe(0);
      });
    await client.flows();
    await noFailures(client);
  });

  /** What every replica assigns for a Service. */
  const assignedEverywhere = async (service: string) => {
    const names = [`${service}.${cluster.namespace}:8080`];
    const servers = (await evenkeels()).map((ip) => `${ip}:${XDS_PORT}`);
    return Promise.all(servers.map((server) => assigned(cluster.api, { server, names })));
  };
});
