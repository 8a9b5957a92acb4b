import { bootstrapOf } from "../../cli/bootstrap.ts";
import type { Pods } from "../../cli/demo/figures.ts";
import { dice } from "../../cli/demo/service-ip.ts";
import { type ControlPlane, startControlPlane } from "../../e2e/harness/control-plane.ts";
import { manifest, nodes } from "../../e2e/harness/objects.ts";
import { startDns } from "./dns.ts";
import { type Fleet, type FleetOptions, type ListedPod, startFleet } from "./fleet.ts";
import { ONE_POD, SERVICE_IP } from "./service-ip.ts";

export const REGION = "r";
export const SERVICE = "greeter";
/** What xDS clients dial, and the name of its resources. */
export const CLUSTER = `${SERVICE}.default:8080`;
const HEADLESS = "headless";
const SEED = 1;

export interface WorldOptions extends Omit<FleetOptions, "service" | "publish"> {
  /** In each zone, to begin with. */
  readonly podsPerZone: number;
}

/** How a client finds pods: by xDS; by DNS, all of them; or by the address of the Service, one for each connection. */
export type Way = "xds" | "headless" | "service";

/** One Service with real pods, each at an address of its own, and all that tells clients of them. */
export interface World extends Pick<Fleet, "add" | "remove" | "crash" | "forget" | "stats">, AsyncDisposable {
  readonly plane: ControlPlane;
  /** Those that are ready, by address. */
  pods(): Pods;
  /** What clients dial. */
  readonly targets: Readonly<Record<Way, string>>;
  /** HOST:PORT of the DNS server. */
  readonly dns: string;
  bootstrap(zone: string, client: number): object;
}

/** What DNS says: all ready pods in any order, and one of them at random. */
function namesOf(ready: () => readonly ListedPod[]) {
  const random = dice(SEED);
  const shuffled = (): readonly string[] =>
    ready()
      .map(({ address }) => ({ address, at: random() }))
      .toSorted((a, b) => a.at - b.at)
      .map(({ address }) => address);
  return (name: string): readonly string[] | undefined => {
    if (name === HEADLESS) return shuffled();
    return name === ONE_POD ? shuffled().slice(0, 1) : undefined;
  };
}

export async function startWorld({ podsPerZone, ...options }: WorldOptions): Promise<World> {
  await using stack = new AsyncDisposableStack();
  const { zones } = options;
  const objects = nodes(REGION, ...zones);
  const plane = stack.use(await startControlPlane({ manifests: manifest(...objects) }));
  const publish = (...more: readonly object[]): Promise<void> => plane.apply(manifest(...objects, ...more));
  const fleet = stack.use(startFleet({ ...options, service: SERVICE, publish }));
  for (let i = 0; i < podsPerZone; i += 1) for (const zone of zones) await fleet.start(zone);
  await fleet.publish();
  const dns = stack.use(await startDns(namesOf(fleet.ready)));
  const port = fleet.ready()[0]?.port ?? 0;
  const { add, remove, crash, forget, stats } = fleet;
  const parts = stack.move();
  return {
    ...{ add, remove, crash, forget, stats, plane },
    dns: dns.address,
    pods: () => new Map(fleet.ready().map((pod) => [pod.address, pod])),
    targets: {
      xds: `xds:///${CLUSTER}`,
      headless: `dns://${dns.address}/${HEADLESS}:${port}`,
      service: `ipv4:${SERVICE_IP}:${port}`,
    },
    bootstrap: (zone, client) =>
      bootstrapOf({ server: plane.xds, id: `bench-${client}`, region: REGION, zone, metadata: {} }),
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}
