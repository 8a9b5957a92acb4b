import { type ChannelOptions, connectivityState, experimental } from "@grpc/grpc-js";
import { ClusterBalancer } from "./cluster-balancer.ts";
import type { ClusterView } from "./dependencies.ts";
import type { Ledger } from "./loads/ledger.ts";
import type { Settings } from "./options.ts";
import { failed } from "./pick-results.ts";

export const BALANCER = "evenkeel";

/** Where the resolver leaves what the balancer is to use; the prefix keeps it out of what connections are told apart by. */
export const INPUT_KEY = `${experimental.SUBCHANNEL_ARGS_EXCLUDE_KEY_PREFIX}.evenkeel`;

/** Which key of a pick names the cluster. */
export const CLUSTER_KEY = "evenkeel.cluster";

export interface BalancerInput {
  readonly clusters: ReadonlyMap<string, ClusterView>;
  readonly settings: Settings;
  readonly nodeId: string;
  /** Where requests are counted, if they are. */
  readonly ledger: Ledger | undefined;
  /** Given the balancers of the clusters whenever there are others. */
  show(balancers: ReadonlyMap<string, ClusterBalancer>): void;
}

/** Has no settings of its own: they come with the input. */
export class BalancerConfig implements experimental.TypedLoadBalancingConfig {
  getLoadBalancerName(): string {
    return BALANCER;
  }

  toJsonObject(): object {
    return { [BALANCER]: {} };
  }

  static createFromJson(): BalancerConfig {
    return new BalancerConfig();
  }
}

const ORDER = [
  connectivityState.READY,
  connectivityState.CONNECTING,
  connectivityState.IDLE,
  connectivityState.TRANSIENT_FAILURE,
];

/**
 * For how long a cluster that has left the routes is kept for requests that chose it before, and are queued or between two attempts.
 * gRFC A31 counts these; grpc-js does not say of every request when it is over.
 */
const LINGER_MS = 30_000;

interface Leaving {
  readonly cluster: ClusterBalancer;
  readonly timer: NodeJS.Timeout;
}

/** All clusters of one channel. */
export class Balancer implements experimental.LoadBalancer {
  readonly #helper: experimental.ChannelControlHelper;
  readonly #picker: experimental.Picker = { pick: (args) => this.#pick(args) };
  #options: ChannelOptions = {};
  #clusters: ReadonlyMap<string, ClusterBalancer> = new Map();
  readonly #leaving = new Map<string, Leaving>();
  #updating = false;

  constructor(helper: experimental.ChannelControlHelper) {
    this.#helper = helper;
  }

  updateAddressList(
    _: unknown,
    __: experimental.TypedLoadBalancingConfig,
    options: ChannelOptions & { readonly [INPUT_KEY]?: BalancerInput },
  ): boolean {
    const input = options[INPUT_KEY];
    if (input === undefined) return false;
    this.#options = options;
    this.#updating = true;
    this.#update(input);
    this.#updating = false;
    this.#report();
    return true;
  }

  #update(input: BalancerInput): void {
    const clusters = new Map<string, ClusterBalancer>();
    for (const [name, view] of input.clusters) {
      const cluster = this.#clusters.get(name) ?? this.#returned(name) ?? this.#create(name, input);
      clusters.set(name, cluster);
      cluster.update(view);
    }
    for (const [name, cluster] of this.#clusters) if (!clusters.has(name)) this.#leave(name, cluster);
    this.#clusters = clusters;
    input.show(clusters);
  }

  #leave(name: string, cluster: ClusterBalancer): void {
    const end = (): void => {
      this.#leaving.delete(name);
      cluster.close();
    };
    this.#leaving.set(name, { cluster, timer: setTimeout(end, LINGER_MS).unref() });
  }

  #returned(name: string): ClusterBalancer | undefined {
    const found = this.#leaving.get(name);
    clearTimeout(found?.timer);
    this.#leaving.delete(name);
    return found?.cluster;
  }

  #create(name: string, { settings, nodeId, ledger }: BalancerInput): ClusterBalancer {
    return new ClusterBalancer({
      settings,
      nodeId,
      loads: ledger && {
        tally: (place) => ledger.tally(name, place),
        drop: (category) => ledger.drop(name, category),
      },
      createSubchannel: ({ host, port }) => this.#helper.createSubchannel({ host, port }, this.#options),
      onChange: () => this.#report(),
    });
  }

  #pick({ extraPickInfo }: experimental.PickArgs): experimental.PickResult {
    const name = extraPickInfo[CLUSTER_KEY] ?? "";
    const cluster = this.#clusters.get(name) ?? this.#leaving.get(name)?.cluster;
    return cluster?.pick() ?? failed(`cluster "${name}" is no longer in use`);
  }

  /** The picker is always the same and looks at the present; handing it over anew wakes the requests that wait. */
  #report(): void {
    if (this.#updating) return;
    const states = new Set([...this.#clusters.values()].map((cluster) => cluster.state));
    const state = ORDER.find((each) => states.has(each)) ?? connectivityState.TRANSIENT_FAILURE;
    const problem = state === connectivityState.TRANSIENT_FAILURE ? this.#problem() : null;
    this.#helper.updateState(state, this.#picker, problem);
  }

  #problem(): string {
    return [...this.#clusters.values()].map((cluster) => cluster.problem()).join("; ");
  }

  exitIdle(): void {
    // Connections are begun as soon as pods are known, so the balancer is never idle.
  }

  resetBackoff(): void {
    // Each subchannel has its own.
  }

  destroy(): void {
    for (const cluster of this.#clusters.values()) cluster.close();
    for (const name of this.#leaving.keys()) this.#returned(name)?.close();
    this.#clusters = new Map();
  }

  getTypeName(): string {
    return BALANCER;
  }
}
