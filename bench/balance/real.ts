/** Scenarios with real pods, a real control plane and stock clients. */
import { setTimeout as delay } from "node:timers/promises";
import { answered, ownZone, type Pods, type Reading, total } from "../../cli/demo/figures.ts";
import { balance } from "../../snapshots/balance/balance.ts";
import { capacityOf } from "../../snapshots/balance/capacity.ts";
import { rowFor } from "../../snapshots/balance/spill.ts";
import { type Zone, zoneKey } from "../../snapshots/balance/zone.ts";
import type { Kind } from "../traffic/callers.ts";
import { observe } from "../traffic/observe.ts";
import { rollingDeploy } from "../traffic/rolling-deploy.ts";
import { CLUSTER, REGION, type Way, type World } from "../traffic/world.ts";
import { type Change, clientZones, type Policy, type Row, type Scenario } from "./scenarios.ts";

const ZONES = ["a", "b", "c"] as const;

export interface RealSize {
  readonly podsPerZone: number;
  /** Of each zone but a heavy one. */
  readonly clientsPerZone: number;
  /** Of evenkeel, and of what it is compared with. */
  readonly requests: { readonly evenkeel: number; readonly others: number };
  /** Whether the clients of each zone have a process of their own. */
  readonly processPerZone: boolean;
  /** Of all clients together. */
  readonly perSecond: number;
  /** In a rolling deploy, which takes its own time: the same, how many at least, and how long each pod takes to get ready. */
  readonly deploy: { readonly perSecond: number; readonly requests: number; readonly readyMs: number };
  /** Whether the server's news of where demand comes from is awaited, which it acts upon every ten seconds. */
  readonly awaitsDemand: boolean;
}

/** How stock clients are given each policy. */
const DIALLED: Readonly<Record<Policy, { kind: Kind; way: Way; annotations: Readonly<Record<string, string>> }>> = {
  evenkeel: { kind: "grpc-js-xds", way: "xds", annotations: {} },
  "plain connections": { kind: "pick_first", way: "service", annotations: {} },
  "DNS round robin": { kind: "round_robin", way: "headless", annotations: {} },
  "own zone first": { kind: "grpc-js-xds", way: "xds", annotations: { "evenkeel.dev/zone-mode": "prefer" } },
};

const SERVICE_MS = 2;
const GRACE_MS = 1000;
/** Until Kubernetes knows that nodes are gone; it would take longer. */
const UNNOTICED_MS = 2000;
const CONCURRENCY = 4;

const inRegion = (zone: string): Zone => ({ region: REGION, zone });

const CHANGES: Readonly<Record<Change, (world: World, size: RealSize) => Promise<void>>> = {
  "zone lost": async (world) => {
    const zone = ZONES[ZONES.length - 1] ?? "";
    await world.crash(zone);
    await delay(UNNOTICED_MS);
    await world.forget(zone);
  },
  "rolling deploy": (world, { deploy }) => rollingDeploy(world, deploy.readyMs),
  "scale up": async (world) => {
    const pods = [...world.pods().values()];
    for (const { zone } of pods.slice(0, Math.ceil(pods.length / 2))) await world.add(zone);
  },
};

/** As far as a weight may be from what it should be before the server acts. */
const MOVE = 0.03;
const PATIENCE_MS = 60_000;

/** Whether all clients' weights are as the rule makes them of who is connected. */
function knowsDemand(world: World, clients: readonly string[]): boolean {
  const capacity = capacityOf(
    [...world.pods().values()].map(({ zone }) => ({ zone: inRegion(zone), health: "healthy" })),
  );
  const streams = new Map(
    [...Map.groupBy(clients, (zone) => zoneKey(inRegion(zone)))].map(([key, own]) => [key, own.length]),
  );
  const flow = balance(capacity, { kind: "clients", streams }, { tolerance: 0, minZoneEndpoints: 1 });
  return ZONES.every((from) => {
    const assigned = world.plane.shares(CLUSTER, inRegion(from));
    const wanted = new Map(rowFor(flow, inRegion(from)).map(({ zone, part }) => [zone.zone, part]));
    return ZONES.every((to) => Math.abs((assigned.get(to) ?? 0) - (wanted.get(to) ?? 0)) < MOVE);
  });
}

async function awaitDemand(world: World, clients: readonly string[]): Promise<void> {
  const limit = performance.now() + PATIENCE_MS;
  while (!knowsDemand(world, clients)) {
    if (performance.now() > limit) throw new Error("the server does not act upon its clients");
    await delay(50);
  }
}

/** The greatest part of such requests that can stay in their zone while every pod gets the same. */
function boundOf(reading: Reading, pods: Pods): number {
  const inZone = Map.groupBy(pods.values(), ({ zone }) => zone);
  const parts = [...reading].map(([zone, answers]) =>
    Math.min(answered(answers) / total(reading), (inZone.get(zone)?.length ?? 0) / pods.size),
  );
  return parts.reduce((sum, part) => sum + part, 0);
}

export async function measureReal(scenario: Scenario, policy: Policy, size: RealSize): Promise<Row> {
  const { kind, way, annotations } = DIALLED[policy];
  const { change, slow } = scenario;
  const clients = clientZones(ZONES, size.clientsPerZone, scenario);
  const perSecond = change === "rolling deploy" ? size.deploy.perSecond : size.perSecond;
  const requests = policy === "evenkeel" ? size.requests.evenkeel : size.requests.others;
  const well = { serviceMs: SERVICE_MS, failing: 0, coldFactor: 1, coldMs: 0 };
  const { settled, pods, failed, error, p99Ms, maxOverAverage } = await observe({
    world: {
      zones: ZONES,
      podsPerZone: size.podsPerZone,
      behaviour: (pod) => (pod === 0 ? { ...well, serviceMs: slow * SERVICE_MS } : well),
      graceMs: GRACE_MS,
      annotations,
    },
    kind,
    way,
    clients,
    apart: size.processPerZone,
    pacing: { concurrency: CONCURRENCY, perSecond: perSecond / clients.length },
    requests: change === "rolling deploy" ? size.deploy.requests : requests,
    ready: (world) => (policy === "evenkeel" && size.awaitsDemand ? awaitDemand(world, clients) : Promise.resolve()),
    ...(change === undefined ? {} : { change: (world: World) => CHANGES[change](world, size) }),
  });
  return {
    scenario: scenario.name,
    policy,
    requests: total(settled),
    failed,
    ...(error === undefined ? {} : { error }),
    p99Ms,
    maxOverAverage,
    localShare: ownZone(settled, pods),
    bound: boundOf(settled, pods),
  };
}
