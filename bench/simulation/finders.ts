/** How simulated clients find a pod for each request: what stock clients do with what each policy tells them. */
import { capacityOf } from "../../snapshots/balance/capacity.ts";
import { type HeldDemand, neverHeld, steady } from "../../snapshots/balance/steady.ts";
import { type Zone, type ZoneKey, zoneKey } from "../../snapshots/balance/zone.ts";
import type { NamedMode } from "../../snapshots/derive/model.ts";
import { endpoint, evenPolicy, portSpec, workload } from "../../snapshots/fixtures.ts";
import { planFor } from "../../snapshots/plan.ts";
import type { Policy } from "../balance/scenarios.ts";
import type { Pod } from "./pod.ts";

export interface Client {
  readonly zone: Zone;
  /** Whose turn it is, in each locality. */
  readonly turns: number[];
  /** That it is connected to, where it keeps to one. */
  pod?: Pod;
}

/** What clients know of pods, and how they choose. */
export interface Finder {
  /** Undefined when the client knows of none that accepts. */
  find(client: Client, now: number): Pod | undefined;
  /** The cluster says which pods are ready. */
  list(ready: readonly Pod[], now: number): void;
  /** Some pods are gone, which their clients see. */
  lose(now: number): void;
}

/** Each in turn. */
function nextOf(pods: readonly Pod[], client: Client, locality: number): Pod | undefined {
  const turn = client.turns[locality] ?? 0;
  client.turns[locality] = turn + 1;
  return pods[turn % pods.length];
}

const accepting = (pods: readonly Pod[]): readonly Pod[] => pods.filter(({ isGone }) => !isGone);

interface Locality {
  readonly weight: number;
  readonly pods: readonly Pod[];
}

type Tiers = readonly (readonly Locality[])[];

/** The first priority that has pods which accept, and of it the localities that have. */
function usable(tiers: Tiers): readonly Locality[] {
  const alive = tiers.map((tier) => tier.map(({ weight, pods }) => ({ weight, pods: accepting(pods) })));
  const tier = alive.find((localities) => localities.some(({ pods }) => pods.length > 0)) ?? [];
  return tier.filter(({ pods }) => pods.length > 0);
}

/** One at random, as often as it weighs. */
function drawn(localities: readonly Locality[], random: () => number): number {
  let left = random() * localities.reduce((sum, { weight }) => sum + weight, 0);
  const last = localities.length - 1;
  for (let at = 0; at < last; at += 1) {
    left -= localities[at]?.weight ?? 0;
    if (left < 0) return at;
  }
  return last;
}

/** The server's own code: flow, plan, priorities. */
function createPlanner(mode: NamedMode, streams: ReadonlyMap<ZoneKey, number>, zones: readonly Zone[]) {
  let held: HeldDemand = neverHeld;
  const spec = portSpec("greeter", 8080, { policy: { ...evenPolicy, mode } });
  return (ready: readonly Pod[], now: number): ReadonlyMap<ZoneKey, Tiers> => {
    const endpoints = ready.map(({ name, zone }) => endpoint(name, zone));
    const demand = { kind: "clients", streams } as const;
    const acted = steady({ held, demand, capacity: capacityOf(endpoints), rule: spec.policy.rule, now });
    held = acted.held;
    const planned = { ...workload(spec, endpoints), flow: acted.flow };
    const podOf = new Map(ready.map((pod) => [pod.name, pod]));
    const podsOf = (addresses: readonly { readonly address: string }[]): readonly Pod[] =>
      addresses.flatMap(({ address }) => podOf.get(address) ?? []);
    const tiersOf = (zone: Zone): Tiers =>
      planFor(planned, { kind: "known", zone }).tiers.map((tier) =>
        tier.map(({ weight, endpoints: own }) => ({ weight, pods: podsOf(own) })),
      );
    return new Map(zones.map((zone) => [zoneKey(zone), tiersOf(zone)]));
  };
}

/** As evenkeel tells them, with round robin inside a locality. */
function assigned(mode: NamedMode, clients: readonly Client[], random: () => number): Finder {
  const groups = Map.groupBy(clients, ({ zone }) => zoneKey(zone));
  const zones = [...groups.values()].flatMap(([first]) => first?.zone ?? []);
  const plan = createPlanner(mode, new Map([...groups].map(([key, own]) => [key, own.length])), zones);
  let planned: ReadonlyMap<ZoneKey, Tiers> = new Map();
  let used = new Map<Zone, readonly Locality[]>();
  const look = (): void => {
    used = new Map(zones.map((zone) => [zone, usable(planned.get(zoneKey(zone)) ?? [])]));
  };
  return {
    find: (client) => {
      const localities = used.get(client.zone) ?? [];
      const at = drawn(localities, random);
      return nextOf(localities[at]?.pods ?? [], client, at);
    },
    list: (ready, now) => {
      planned = plan(ready, now);
      look();
    },
    lose: look,
  };
}

/** How often grpc-js asks DNS at most. */
const ASK_EVERY_MS = 30_000;

/** All that DNS says in turn. It is asked when a connection is lost. */
function headless(): Finder {
  let [latest, known, alive]: (readonly Pod[])[] = [];
  let askedAt = Number.NEGATIVE_INFINITY;
  let isStale = true;
  const ask = (now: number): void => {
    if (!isStale || now < askedAt + ASK_EVERY_MS) return;
    [known, askedAt, isStale] = [latest, now, false];
    alive = accepting(known ?? []);
  };
  return {
    find: (client, now) => {
      ask(now);
      return nextOf(alive ?? [], client, 0);
    },
    list: (ready) => {
      latest = ready;
    },
    lose: () => {
      isStale = true;
      alive = accepting(known ?? []);
    },
  };
}

/** One of those that are listed, at random, for as long as it is there. */
function connected(random: () => number): Finder {
  let ready: readonly Pod[] = [];
  return {
    find: (client) => {
      if (client.pod === undefined || client.pod.isGone) {
        const pod = ready[Math.floor(random() * ready.length)];
        if (pod === undefined || pod.isGone) return undefined;
        client.pod = pod;
      }
      return client.pod;
    },
    list: (listed) => {
      ready = listed;
    },
    lose: () => undefined,
  };
}

export function finderOf(policy: Policy, clients: readonly Client[], random: () => number): Finder {
  switch (policy) {
    case "evenkeel":
      return assigned("weighted", clients, random);
    case "own zone first":
      return assigned("prefer", clients, random);
    case "DNS round robin":
      return headless();
    case "plain connections":
      return connected(random);
  }
}
