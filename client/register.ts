import { type ChannelInterface, type ChannelOptions, experimental, type ServiceConfig } from "@grpc/grpc-js";
import { BALANCER, Balancer, BalancerConfig } from "./balancer.ts";
import { type ChannelState, statesOf } from "./channel-state.ts";
import { type ClientOptions, flag, settingsOf, wholeNumber } from "./options.ts";
import { Resolver } from "./resolver.ts";
import { createShared, type Shared } from "./shared.ts";

export type { ChannelState, ClusterReport, LocalityReport, PodReport } from "./channel-state.ts";
export type { AssignmentEvent, MissingEvent, RefusedEvent, TroubleEvent } from "./diagnostics.ts";
export type { ClientOptions, StrategyOption } from "./options.ts";
export type { Draw, Pick, PodView, Strategy } from "./pick/strategy.ts";

export interface RegisterOptions extends ClientOptions {
  /** Takes over `xds:///` targets too, instead of `@grpc/grpc-js-xds`; off by default. */
  readonly xds?: boolean;
  /** How long a server may leave a name unanswered before it counts as one that does not exist; 15,000 ms by default. */
  readonly doesNotExistMs?: number;
}

/** The channel option for the `ClientOptions` of one channel; they win over those of `register`. */
const CHANNEL_KEY = "evenkeel.options";

const userConfigOf = (options: ChannelOptions): ServiceConfig | undefined => {
  const text = options["grpc.service_config"];
  return text === undefined ? undefined : (JSON.parse(text) as ServiceConfig);
};

function resolverClass(defaults: ClientOptions, shared: () => Shared) {
  return class extends Resolver {
    constructor(target: experimental.GrpcUri, tell: experimental.ResolverListener, options: ChannelOptions) {
      const own = (options[CHANNEL_KEY] ?? {}) as ClientOptions;
      const settings = settingsOf({ ...defaults, ...own });
      super({ target, tell, settings, userConfig: userConfigOf(options), shared: shared() });
    }

    static getDefaultAuthority({ path }: experimental.GrpcUri): string {
      return path.split("/").at(-1) ?? "";
    }
  };
}

/**
 * Makes `evenkeel:///SERVICE.NAMESPACE:PORT` a target for every grpc-js client of this process. The bootstrap that
 * `GRPC_XDS_BOOTSTRAP` or `GRPC_XDS_BOOTSTRAP_CONFIG` names is read, once, with the first such client. Throws wrong options.
 */
export function register(options: RegisterOptions = {}): void {
  const { xds, doesNotExistMs = 15_000, ...defaults } = options;
  const takesXds = flag("xds", xds);
  wholeNumber("doesNotExistMs", doesNotExistMs, 1, 86_400_000);
  settingsOf(defaults);
  let made: Shared | undefined;
  const shared = (): Shared => {
    made ??= createShared(process.env, doesNotExistMs);
    return made;
  };
  const resolver = resolverClass(defaults, shared);
  experimental.registerLoadBalancerType(BALANCER, Balancer, BalancerConfig);
  experimental.registerResolver("evenkeel", resolver);
  if (takesXds) experimental.registerResolver("xds", resolver);
}

/**
 * What the open channels of a target know and do: their assignment and every pod, with why it is disfavoured.
 * @param channel a channel, as `client.getChannel()` gives it, or its target
 */
export const getState = (channel: Pick<ChannelInterface, "getTarget"> | string): readonly ChannelState[] =>
  statesOf(typeof channel === "string" ? channel : channel.getTarget());
