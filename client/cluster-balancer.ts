import { connectivityState, type experimental } from "@grpc/grpc-js";
import type { ClusterView } from "./dependencies.ts";
import type { Tally } from "./loads/ledger.ts";
import { createLocalityPicker, type LocalityPicker } from "./locality-picker.ts";
import type { Settings } from "./options.ts";
import type { Assignment, Locality, PodAddress } from "./parse/assignment.ts";
import { createOutstanding } from "./pick/outstanding.ts";
import { choosePriority, type PriorityStatus } from "./pick/priority.ts";
import type { Chooser } from "./pick/subset.ts";
import { weightedTurns } from "./pick/turns.ts";
import { dropped, failed, QUEUE } from "./pick-results.ts";
import { type PlannedZone, planPods } from "./plan-pods.ts";
import { createPod, type Pod, type PodHost } from "./pod.ts";

interface Loads {
  tally(place: Locality): Tally;
  drop(category: string): void;
}

/** What the balancer of a cluster needs of its channel. */
interface ChannelHost {
  readonly settings: Settings;
  readonly nodeId: string;
  readonly createSubchannel: PodHost["createSubchannel"];
  /** Counts for load reports, if there are any. */
  readonly loads: Loads | undefined;
  /** Requests that wait may fare differently now. */
  onChange(): void;
}

/** A locality and those of its pods that this client may connect to. */
export interface Zone {
  readonly locality: Locality;
  readonly pods: readonly Pod[];
  readonly picker: LocalityPicker;
}

interface Priority {
  readonly zones: readonly Zone[];
  /** Connected zones and whose turn it is among them; undefined until that is found out. */
  turns: { readonly zones: readonly Zone[]; readonly next: () => number } | undefined;
  /** Whether it was tried for so long that the next one may be used. */
  tried: "not" | "trying" | "long enough";
  timer: NodeJS.Timeout | undefined;
}

interface Place {
  readonly zone: Zone;
  readonly priority: Priority;
}

const placesOf = (priorities: readonly Priority[]): ReadonlyMap<Pod, Place> =>
  new Map(
    priorities.flatMap((priority) =>
      priority.zones.flatMap((zone) => zone.pods.map((pod) => [pod, { zone, priority }] as const)),
    ),
  );

const NO_ASSIGNMENT: Assignment = { priorities: [], drops: [] };

function statusOf({ zones, tried }: Priority): PriorityStatus {
  if (zones.some(({ picker }) => picker.ready.length > 0)) return "ready";
  if (zones.every(({ pods }) => pods.length === 0)) return "empty";
  const isHopeless = zones.every(({ pods }) => pods.every(({ state }) => state === "failed"));
  return tried === "long enough" || isHopeless ? "failed" : "connecting";
}

const STATES: Readonly<Record<PriorityStatus, connectivityState>> = {
  ready: connectivityState.READY,
  connecting: connectivityState.CONNECTING,
  failed: connectivityState.TRANSIENT_FAILURE,
  empty: connectivityState.TRANSIENT_FAILURE,
};

function turnsOf(zones: readonly Zone[]): NonNullable<Priority["turns"]> {
  const connected = zones.filter(({ picker }) => picker.ready.length > 0);
  const weights = connected.map(({ locality }) => locality.weight);
  return { zones: connected, next: weightedTurns(weights, Math.random) };
}

/**
 * The pods of one cluster as one channel uses them: which are connected, and which answers the next request. A class, since
 * all of its parts change together with every connection that comes or goes.
 */
export class ClusterBalancer {
  readonly #host: ChannelHost;
  readonly #podHost: PodHost;
  readonly #outstanding = createOutstanding(setImmediate);
  readonly #chooser: Chooser;
  #failure: string | undefined;
  #assignment: Assignment | undefined;
  #maxRequests = Number.POSITIVE_INFINITY;
  #requests = 0;
  #pods: ReadonlyMap<string, Pod> = new Map();
  #places: ReadonlyMap<Pod, Place> = new Map();
  #priorities: readonly Priority[] = [];
  #active: number | undefined;
  #state = connectivityState.CONNECTING;
  #choosing = false;
  /** Pods of the first assignment are not new to a client that has just begun. */
  #warm = false;

  constructor(host: ChannelHost) {
    this.#host = host;
    const { clientIndex: index, errorHalfLifeMs } = host.settings;
    this.#chooser = index === undefined ? { kind: "id", id: host.nodeId } : { kind: "index", index };
    this.#podHost = {
      createSubchannel: host.createSubchannel,
      outstanding: this.#outstanding,
      errorHalfLifeMs,
      now: () => performance.now(),
      onState: (pod) => this.#onState(pod),
      onStarted: () => {
        this.#requests += 1;
      },
      onEnded: () => {
        this.#requests -= 1;
      },
    };
  }

  get priorities(): readonly { readonly zones: readonly Zone[] }[] {
    return this.#priorities;
  }

  /** The priority in use. */
  get active(): number | undefined {
    return this.#active;
  }

  get state(): connectivityState {
    return this.#state;
  }

  update(view: ClusterView): void {
    this.#failure = view.kind === "failed" ? view.message : undefined;
    if (view.kind === "ready") this.#maxRequests = view.maxRequests;
    const assignment = view.kind === "ready" ? view.assignment : NO_ASSIGNMENT;
    if (assignment !== this.#assignment) this.#assign(assignment);
  }

  /** Why requests fail while the state is TRANSIENT_FAILURE. */
  problem(): string {
    if (this.#failure !== undefined) return this.#failure;
    if (this.#active === undefined) return "the assignment has no pods";
    const found = [...this.#pods.values()].find(({ problem }) => problem !== undefined);
    return found === undefined
      ? "no pod could be connected in time"
      : `no pod can be connected, among them ${found.address.key}: ${found.problem}`;
  }

  pick(): experimental.PickResult {
    if (this.#state === connectivityState.TRANSIENT_FAILURE) return failed(this.problem());
    const refusal = this.#refusal();
    if (refusal !== undefined) return dropped(refusal);
    const pod = this.#state === connectivityState.READY ? this.#pickPod() : undefined;
    if (pod?.result === undefined) return QUEUE;
    this.#outstanding.picked(pod);
    return pod.result;
  }

  close(): void {
    for (const priority of this.#priorities) clearTimeout(priority.timer);
    for (const pod of this.#pods.values()) pod.close();
    this.#priorities = [];
    this.#pods = new Map();
    this.#places = new Map();
    this.#active = undefined;
  }

  #refusal(): string | undefined {
    if (this.#requests >= this.#maxRequests) {
      this.#host.loads?.drop("");
      return `the cluster has its limit of ${this.#maxRequests} requests in flight`;
    }
    const drop = this.#assignment?.drops.find(({ part }) => Math.random() < part);
    if (drop === undefined) return undefined;
    this.#host.loads?.drop(drop.category);
    return `dropped by the server's wish: ${drop.category}`;
  }

  #pickPod(): Pod | undefined {
    const priority = this.#priorities[this.#active ?? -1];
    if (priority === undefined) return undefined;
    priority.turns ??= turnsOf(priority.zones);
    const { zones, next } = priority.turns;
    return zones[zones.length === 1 ? 0 : next()]?.picker.pick(performance.now());
  }

  /** Keeps the pods that stay, connections and all; those that leave end when their requests have. */
  #assign(assignment: Assignment): void {
    const before = this.#priorities;
    this.#assignment = assignment;
    const plan = planPods(assignment, this.#host.settings, this.#chooser);
    const addresses = plan.flat().flatMap((zone) => zone.addresses);
    const pods = new Map(addresses.map((each) => [each.key, this.#pods.get(each.key) ?? this.#create(each)]));
    for (const [key, pod] of this.#pods) if (!pods.has(key)) pod.close();
    this.#pods = pods;
    for (const priority of before) clearTimeout(priority.timer);
    this.#priorities = plan.map((zones, i) => ({
      zones: zones.map((zone) => this.#zone(zone)),
      turns: undefined,
      tried: before[i]?.tried === "long enough" ? "long enough" : "not",
      timer: undefined,
    }));
    this.#places = placesOf(this.#priorities);
    this.#choose();
    this.#warm ||= pods.size > 0;
  }

  #create(address: PodAddress): Pod {
    const pod = createPod(address, this.#podHost);
    if (!this.#warm) pod.since = Number.NEGATIVE_INFINITY;
    return pod;
  }

  #zone({ locality, addresses }: PlannedZone): Zone {
    const { settings, loads } = this.#host;
    const pods = addresses.flatMap(({ key }) => this.#pods.get(key) ?? []);
    const picker = createLocalityPicker(settings.strategy.create(), settings, Math.random);
    for (const pod of pods) {
      pod.tally = loads?.tally(locality);
      if (pod.state === "ready") picker.add(pod);
    }
    return { locality, pods, picker };
  }

  /** Decides which priority to use, and connects it and all before it. */
  #choose(): void {
    if (this.#choosing) return; // told by a pod that is just being connected
    this.#choosing = true;
    // A second look, since a pod that another channel is connected to is ready at once.
    for (let look = 0; look < 2; look += 1) {
      this.#active = choosePriority(this.#priorities.map(statusOf));
      const used = this.#active === undefined ? [] : this.#priorities.slice(0, this.#active + 1);
      for (const priority of used) this.#use(priority);
    }
    this.#choosing = false;
    const active = this.#priorities[this.#active ?? -1];
    this.#state = STATES[active === undefined ? "empty" : statusOf(active)];
    this.#host.onChange();
  }

  #use(priority: Priority): void {
    for (const { pods } of priority.zones) for (const pod of pods) if (pod.state === "unused") pod.connect();
    if (priority.tried !== "not" || statusOf(priority) === "ready") return;
    priority.tried = "trying";
    priority.timer = setTimeout(() => {
      priority.tried = "long enough";
      this.#choose();
    }, this.#host.settings.failoverMs);
    priority.timer.unref();
  }

  #onState(pod: Pod): void {
    const place = this.#places.get(pod);
    if (place === undefined) return;
    const { zone, priority } = place;
    zone.picker.remove(pod);
    if (pod.state === "ready") {
      pod.since ??= performance.now();
      zone.picker.add(pod);
      clearTimeout(priority.timer);
      priority.tried = "not"; // should all be lost again, it has its time again
    }
    priority.turns = undefined;
    this.#choose();
  }
}
