/** Plans for clients that know neither priorities nor the weights of localities, and use every endpoint alike. */
import { endpointKey } from "../derive/endpoints.ts";
import type { Endpoint } from "../derive/model.ts";
import type { Plan } from "../plan.ts";
import { digest } from "../resources/version.ts";
import type { PlannedLocality } from "./locality.ts";

const isHealthy = ({ health }: Endpoint): boolean => health === "healthy";

/**
 * As many endpoints as asked for, in the order that they have. Which ones is a matter of `seed` and of each endpoint alone
 * (rendezvous hashing): when one comes or goes, the others stay.
 */
function sample(endpoints: readonly Endpoint[], count: number, seed: string): readonly Endpoint[] {
  if (count >= endpoints.length) return endpoints;
  const drawn = endpoints.map((endpoint) => ({ endpoint, lot: digest(`${seed}\0${endpointKey(endpoint)}`) }));
  const lots = drawn.map(({ lot }) => lot).toSorted();
  const last = lots[count - 1] ?? "";
  return drawn.filter(({ lot }) => lot <= last).map(({ endpoint }) => endpoint);
}

/**
 * The first tier alone, and of each locality as many healthy endpoints as make its part of them what its weight is, to half an
 * endpoint: all of the locality that gives each of its endpoints most, which is the own zone as far as the rule allows.
 * @param seed differs between zone classes, so that what they send elsewhere does not meet at the same endpoints
 */
export function flattened(plan: Plan, seed: string): Plan {
  const tier = (plan.tiers[0] ?? []).map((locality) => ({
    locality,
    healthy: locality.endpoints.filter(isHealthy),
  }));
  const most = Math.max(...tier.map(({ locality, healthy }) => locality.weight / healthy.length));
  const localities = tier.flatMap(({ locality, healthy }): readonly PlannedLocality[] => {
    const endpoints = sample(healthy, Math.round(locality.weight / most), seed);
    return endpoints.length === 0 ? [] : [{ ...locality, endpoints }];
  });
  return { ...plan, tiers: localities.length === 0 ? [] : [localities] };
}
