import { setTimeout as delay } from "node:timers/promises";
import { bootstrapOf } from "../../cli/bootstrap.ts";
import { type ControlPlane, startControlPlane } from "../../e2e/harness/control-plane.ts";
import { manifest, nodes, service } from "../../e2e/harness/objects.ts";
import { type Remote, startRemote } from "../remote.ts";
import type { Called, callerCommands, Kind } from "./caller.ts";
import type { Behaviour, PodStats, podCommands } from "./pods.ts";

export const PODS = 12;
const CONCURRENCY = 24;

interface World {
  /** Starts that pod and makes it known. */
  add(pod: number): Promise<void>;
  /** Takes it out of the assignment, waits, and stops it. */
  remove(pod: number): Promise<void>;
}

/** How pods behave, and what changes while requests are on their way. */
export interface Scenario {
  readonly name: string;
  readonly behaviour: (pod: number) => Behaviour;
  /** Clients with a fixed list of addresses are left out where something changes. */
  readonly change?: (world: World) => Promise<void>;
}

export interface Row extends Called {
  readonly scenario: string;
  readonly kind: Kind;
  /** Requests of the busiest pod divided by the average; of pods that were there all the time. */
  readonly maxOverAverage: number;
  readonly mostInFlight: number;
}

const addressOf = (pod: number): string => `127.0.3.${pod + 1}`;

async function openWorld(scenario: Scenario, pods: Remote<typeof podCommands>, plane: ControlPlane) {
  const up = new Set<number>();
  let port = 0;
  const publish = (): Promise<void> => {
    const ready = [...up].map((pod) => ({ address: addressOf(pod), port, zone: "a" }));
    return plane.apply(manifest(...nodes("r", "a"), ...service({ name: "greeter", pods: ready })));
  };
  const start = async (pod: number): Promise<void> => {
    port = await pods.call("start", { name: addressOf(pod), port, behaviour: scenario.behaviour(pod) });
    up.add(pod);
  };
  for (let pod = 0; pod < PODS; pod += 1) await start(pod);
  await publish();
  return {
    addresses: `ipv4:${[...up].map((pod) => `${addressOf(pod)}:${port}`).join(",")}`,
    add: async (pod: number) => {
      await start(pod);
      await publish();
    },
    remove: async (pod: number) => {
      up.delete(pod);
      await publish();
      await delay(300);
      await pods.call("stop", addressOf(pod));
    },
  };
}

function spread(stats: Readonly<Record<string, PodStats>>) {
  const all = Object.values(stats);
  const served = all.map((pod) => pod.served);
  const average = served.reduce((sum, each) => sum + each, 0) / served.length;
  const mostInFlight = Math.max(...all.map((pod) => pod.mostInFlight));
  return { maxOverAverage: Math.max(...served) / average, mostInFlight };
}

/** Runs one client through one scenario, with pods and a control plane of its own. */
export async function measure(scenario: Scenario, kind: Kind, requests: number): Promise<Row> {
  await using pods = startRemote<typeof podCommands>(new URL("pods.ts", import.meta.url));
  await using plane = await startControlPlane({ manifests: manifest(...nodes("r", "a")) });
  await using caller = startRemote<typeof callerCommands>(new URL("caller.ts", import.meta.url));
  const world = await openWorld(scenario, pods, plane);
  const bootstrap = bootstrapOf({ server: plane.xds, id: "bench", region: "r", zone: "a", metadata: {} });
  const isFixed = kind === "pick_first" || kind === "round_robin";
  await caller.call("dial", { kind, target: isFixed ? world.addresses : "xds:///greeter.default:8080", bootstrap });
  await caller.call("call", { requests: Math.ceil(requests / 10), concurrency: CONCURRENCY });
  await pods.call("stats", undefined);
  const change = scenario.change?.(world);
  const called = await caller.call("call", { requests, concurrency: CONCURRENCY });
  const found = spread(await pods.call("stats", undefined));
  await change;
  return { scenario: scenario.name, kind, ...called, ...found };
}
