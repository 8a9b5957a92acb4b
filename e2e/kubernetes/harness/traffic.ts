/** Clients as pods, as the test sees them. */
import { expect } from "vitest";
import { type ClientStats, CONTROL_PORT, type Failure, type TargetStats, type Traffic } from "../pods/protocol.ts";
import type { Api } from "./api.ts";
import { deploymentOf, podsOf, rolledOut } from "./deployments.ts";
import { eventually } from "./eventually.ts";

export interface ClientOptions {
  readonly name?: string;
  readonly replicas?: number;
  /** What each asks, from its start on: `{ target }` is enough. */
  readonly traffic: readonly (Pick<Traffic, "target"> & Partial<Traffic>)[];
  /** HOST:PORT of the xDS server: evenkeel's Service unless told otherwise. */
  readonly server?: string;
  readonly nodeSelector?: Readonly<Record<string, string>>;
}

export interface Client {
  /** What each of its pods has counted. Fails when one was started again meanwhile. */
  stats(): Promise<readonly ClientStats[]>;
  /** Resolves when each pod has had `answers` more from each target. */
  flows(answers?: number, withinMs?: number): Promise<void>;
  /** Every request that failed until now. */
  failures(): Promise<readonly Failure[]>;
}

const DEFAULTS: Omit<Traffic, "target"> = { rate: 20, deadlineMs: 5000, waitForReady: true };

/** The bootstrap as docs and examples have it, with what the downward API says of the pod. */
const bootstrapAt = (server: string): string =>
  JSON.stringify({
    xds_servers: [
      {
        server_uri: server,
        channel_creds: [{ type: "insecure" }],
        server_features: ["xds_v3", "ignore_resource_deletion"],
      },
    ],
    node: {
      id: "$(NAMESPACE)/$(POD_NAME)",
      locality: { region: "$(REGION)", zone: "$(ZONE)" },
      metadata: { POD_NAME: "$(POD_NAME)", NAMESPACE: "$(NAMESPACE)", NODE_NAME: "$(NODE_NAME)" },
    },
  });

const targetsOf = (stats: readonly ClientStats[]): readonly TargetStats[] => stats.flatMap(({ targets }) => targets);

const textOf = ({ target, ok, failed, failures: [first] }: TargetStats): string =>
  `${target}: ${ok} answered, ${failed} failed, the first with ${first?.message}`;

export async function startClient(
  api: Api,
  namespace: string,
  { name = "client", replicas = 1, traffic, server = "", nodeSelector = {} }: ClientOptions,
): Promise<Client> {
  const env = [
    { name: "TRAFFIC", value: JSON.stringify(traffic.map((one) => ({ ...DEFAULTS, ...one }))) },
    { name: "GRPC_XDS_BOOTSTRAP_CONFIG", value: bootstrapAt(server) },
  ];
  const file = "e2e/kubernetes/pods/client.ts";
  await api.apply(deploymentOf({ namespace, name, file, replicas, env, nodeSelector }));
  await rolledOut(api, namespace, name);
  const pods = (await podsOf(api, namespace, `app=${name}`)).map(({ metadata }) => metadata.name);
  const ask = (): Promise<readonly ClientStats[]> =>
    Promise.all(
      pods.map((pod) => api.askPod<ClientStats>({ namespace, name: pod, port: CONTROL_PORT }, "GET", "/stats")),
    );
  const runs = (await ask()).map(({ run }) => run);
  const stats: Client["stats"] = async () => {
    const now = await ask();
    expect(now.map(({ run }) => run)).toEqual(runs);
    return now;
  };
  return {
    stats,
    flows: async (answers = 20, withinMs = 60_000) => {
      const before = targetsOf(await stats());
      await eventually(async () => {
        const now = targetsOf(await stats());
        const lacking = now.filter(({ ok }, i) => ok < (before[i]?.ok ?? 0) + answers);
        if (lacking.length > 0) throw new Error(`too few answers: ${lacking.map(textOf).join("; ")}`);
      }, withinMs);
    },
    failures: async () => targetsOf(await stats()).flatMap(({ failures }) => failures),
  };
}

/** Holds when requests were answered, and not one has failed, since the client started. */
export async function noFailures(client: Client): Promise<void> {
  const targets = targetsOf(await client.stats());
  expect(targets.filter(({ ok, failed }) => failed > 0 || ok === 0).map(textOf)).toEqual([]);
}

/** How many requests each pod has answered to all of the clients. */
export function podsOfAnswers(stats: readonly ClientStats[]): ReadonlyMap<string, number> {
  const answers = new Map<string, number>();
  for (const { byPod } of targetsOf(stats))
    for (const [pod, count] of Object.entries(byPod)) answers.set(pod, (answers.get(pod) ?? 0) + count);
  return answers;
}
