import { experimental, type ServiceConfig } from "@grpc/grpc-js";
import type { Sight } from "./ads-client.ts";
import { BALANCER, type BalancerInput, INPUT_KEY } from "./balancer.ts";
import { listenerFor, type ServerConfig } from "./bootstrap.ts";
import { type ChannelRecord, enrol } from "./channel-state.ts";
import { configSelector } from "./config-selector.ts";
import type { Resolution } from "./dependencies.ts";
import { diagnostics } from "./diagnostics.ts";
import type { Ledger } from "./loads/ledger.ts";
import type { Settings } from "./options.ts";
import type { Shared } from "./shared.ts";

type Ready = Extract<Resolution, { readonly kind: "ready" }>;

const NO_ENDPOINTS = experimental.statusOrFromValue<experimental.Endpoint[]>([]);
const SERVICE_CONFIG = experimental.statusOrFromValue<ServiceConfig>({
  loadBalancingConfig: [{ [BALANCER]: {} }],
  methodConfig: [],
});

/** Fails every request with that message, except those that wait for ready, by way of a cluster that has failed. */
const failing = (message: string): Ready => ({
  kind: "ready",
  maxStreamMs: undefined,
  clusters: new Map([["", { kind: "failed", message }]]),
  host: {
    domains: ["*"],
    routes: [
      {
        path: { kind: "prefix", text: "", ignoreCase: false },
        headers: [],
        part: 1,
        clusters: [{ name: "", weight: 1 }],
        maxStreamMs: undefined,
        retries: undefined,
      },
    ],
  },
});

/** What the channel is to do; undefined while there is nothing new to do. */
function outcomeOf({ resolution, trouble }: Sight, servers: string): Ready | undefined {
  switch (resolution.kind) {
    case "ready":
      return resolution;
    case "failed":
      return failing(`${resolution.message}, says ${servers}`);
    case "waiting":
      return trouble === undefined ? undefined : failing(`no xDS server can be reached: ${trouble}`);
  }
}

interface ChannelInput {
  readonly target: experimental.GrpcUri;
  readonly tell: experimental.ResolverListener;
  readonly userConfig: ServiceConfig | undefined;
  readonly settings: Settings;
  readonly shared: Shared;
}

/** Leads one channel from its target to clusters; a class, as grpc-js wants it. */
export class Resolver implements experimental.Resolver {
  readonly #input: ChannelInput;
  readonly #listener: string;
  readonly #servers: readonly ServerConfig[];
  readonly #record: ChannelRecord;
  #end: (() => void) | undefined;
  #ledger: Ledger | undefined;
  #resolution: Resolution | undefined;
  #message: string | undefined;

  /** Throws when the bootstrap does not know the target's authority. */
  constructor(input: ChannelInput) {
    const { target, shared, settings } = input;
    const found = listenerFor(shared.bootstrap, { authority: target.authority ?? "", path: target.path });
    if (found.kind === "bad") throw new Error(`evenkeel-client: ${found.problems.join("; ")}`);
    this.#input = input;
    this.#listener = found.value.name;
    this.#servers = found.value.servers;
    this.#record = {
      target: experimental.uriToString(target),
      servers: this.#servers.map(({ uri }) => uri),
      strategy: settings.strategy.name,
      sight: undefined,
      clusters: new Map(),
      balancers: new Map(),
    };
  }

  /** Begins to watch; asking again changes nothing, since every change is told anyhow. */
  updateResolution(): void {
    if (this.#end !== undefined) return;
    const { shared, settings, target } = this.#input;
    const expel = enrol(this.#record);
    const unwatch = shared.clientOf(this.#servers).watch({
      listener: this.#listener,
      authority: target.path.split("/").at(-1) ?? "",
      onSight: (sight) => this.#onSight(sight),
    });
    const [first] = this.#servers;
    const loads = settings.loadReports && first !== undefined ? shared.loadsOf(first) : undefined;
    this.#ledger = loads?.ledger;
    this.#end = () => {
      expel();
      unwatch();
      loads?.release();
    };
  }

  destroy(): void {
    this.#end?.();
    this.#end = undefined;
    this.#resolution = undefined;
    this.#message = undefined;
  }

  #onSight(sight: Sight): void {
    this.#record.sight = sight;
    const outcome = outcomeOf(sight, this.#record.servers.join(", "));
    if (outcome === undefined || this.#isKnown(sight, outcome)) return;
    this.#announce(outcome);
    this.#record.clusters = sight.resolution.kind === "ready" ? outcome.clusters : new Map();
    this.#tell(outcome);
  }

  #isKnown({ resolution }: Sight, outcome: Ready): boolean {
    const view = outcome.clusters.get("");
    const message = view?.kind === "failed" ? view.message : undefined;
    const known = resolution.kind === "ready" ? resolution === this.#resolution : message === this.#message;
    this.#resolution = resolution;
    this.#message = message;
    return known;
  }

  #announce({ clusters }: Ready): void {
    for (const [name, view] of clusters) {
      const before = this.#record.clusters.get(name);
      if (view.kind !== "ready" || (before?.kind === "ready" && before.assignment === view.assignment)) continue;
      const pods = view.assignment.priorities.flat().reduce((sum, locality) => sum + locality.pods.length, 0);
      diagnostics.assignment({ target: this.#record.target, cluster: name, version: view.version, pods });
    }
  }

  #tell(outcome: Ready): void {
    const { settings, userConfig, shared, tell } = this.#input;
    const input: BalancerInput = {
      clusters: outcome.clusters,
      settings,
      nodeId: shared.bootstrap.node.id,
      ledger: this.#ledger,
      show: (balancers) => {
        this.#record.balancers = balancers;
      },
    };
    const selector = configSelector(outcome, userConfig, Math.random);
    const attributes = { [experimental.CHANNEL_ARGS_CONFIG_SELECTOR_KEY]: selector, [INPUT_KEY]: input };
    tell(NO_ENDPOINTS, attributes, SERVICE_CONFIG, "");
  }
}
