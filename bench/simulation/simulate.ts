/** Scenarios of a size that does not fit on a machine, in virtual time and with the server's own code. */
import { dice } from "../../cli/demo/service-ip.ts";
import { isSameZone, type Zone } from "../../snapshots/balance/zone.ts";
import { clientZones, type Policy, type Row, type Scenario } from "../balance/scenarios.ts";
import { SETTLED_AT, startCluster, WARM_AT } from "./cluster.ts";
import { createEventQueue } from "./event-queue.ts";
import { type Client, finderOf } from "./finders.ts";
import { answerAt, type Pod } from "./pod.ts";

export interface SimulatedSize {
  readonly pods: number;
  readonly clients: number;
  /** Of virtual time in which nothing changes any more. */
  readonly seconds: number;
}

export interface Simulated {
  readonly scenario: Scenario;
  readonly policy: Policy;
  readonly size: SimulatedSize;
  /** The same gives the same result. */
  readonly seed: number;
}

const ZONES: readonly Zone[] = ["eu/a", "eu/b", "eu/c", "us/x", "us/y", "us/z"].map((place) => {
  const [region = "", zone = ""] = place.split("/");
  return { region, zone };
});

/** What keeps an average pod busy for a third of its time. */
export const PER_POD_PER_SECOND = 40;

/** So large that whatever the number of pods, and whenever it changes, everyone begins anywhere. */
const ANY_TURN = 1e9;

/** About so many in all, whatever the scenario. */
function clientsOf({ scenario, size }: Simulated): readonly Client[] {
  const perZone = Math.round(size.clients / (ZONES.length - 1 + scenario.heavy));
  return clientZones(ZONES, perZone, scenario).map((zone) => ({ zone, turns: [] }));
}

interface Tally {
  failed: number;
  /** Of requests that were answered. */
  readonly timesMs: number[];
  /** The same, while nothing changes. */
  settled: number;
  inOwnZone: number;
}

function countSettled(tally: Tally, pod: Pod, { zone }: Client): void {
  pod.served += 1;
  tally.settled += 1;
  if (isSameZone(pod.zone, zone)) tally.inOwnZone += 1;
}

interface Counting {
  readonly tally: Tally;
  readonly settledAt: number;
  readonly random: () => number;
}

/** Sends a request, and knows already how it will end. */
function ask(client: Client, pod: Pod | undefined, now: number, { tally, settledAt, random }: Counting): void {
  const answeredAt = pod === undefined ? Number.POSITIVE_INFINITY : answerAt(pod, now, random());
  if (now < WARM_AT) return;
  if (pod === undefined || answeredAt > pod.crashesAt) {
    tally.failed += 1;
    return;
  }
  tally.timesMs.push(answeredAt - now);
  if (now >= settledAt) countSettled(tally, pod, client);
}

const rowOf = (
  { scenario, policy }: Simulated,
  tally: Tally,
  ready: readonly Pod[],
  clients: readonly Client[],
): Row => {
  const inZone = (list: readonly { readonly zone: Zone }[], zone: Zone): number =>
    list.filter((one) => one.zone === zone).length / list.length;
  const served = ready.map((pod) => pod.served);
  const sorted = Float64Array.from(tally.timesMs).sort();
  return {
    scenario: scenario.name,
    policy,
    requests: tally.settled,
    failed: tally.failed,
    p99Ms: sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN,
    maxOverAverage: (Math.max(...served) * served.length) / served.reduce((sum, one) => sum + one, 0),
    localShare: tally.inOwnZone / tally.settled,
    bound: ZONES.reduce((sum, zone) => sum + Math.min(inZone(clients, zone), inZone(ready, zone)), 0),
  };
};

export function simulate(simulated: Simulated): Row {
  const { scenario, policy, size, seed } = simulated;
  const random = dice(seed);
  const clients = clientsOf(simulated);
  const queue = createEventQueue<(now: number) => void>();
  const finder = finderOf(policy, clients, random);
  const cluster = startCluster(scenario, { zones: ZONES, pods: size.pods }, queue, finder);
  const everyMs = (1000 * clients.length) / (size.pods * PER_POD_PER_SECOND);
  const settledAt = SETTLED_AT[scenario.change ?? "nothing"];
  const tally: Tally = { failed: 0, timesMs: [], settled: 0, inOwnZone: 0 };
  const counting: Counting = { tally, settledAt, random };
  for (const client of clients) {
    const send = (now: number): void => {
      ask(client, finder.find(client, now), now, counting);
      queue.schedule(now + everyMs * (0.5 + random()), send);
    };
    client.turns.push(...ZONES.map(() => Math.floor(random() * ANY_TURN)));
    queue.schedule(random() * everyMs, send);
  }
  const end = settledAt + 1000 * size.seconds;
  for (let event = queue.next(); event !== undefined && event.at < end; event = queue.next()) event.item(event.at);
  return rowOf(simulated, tally, cluster.ready(), clients);
}
