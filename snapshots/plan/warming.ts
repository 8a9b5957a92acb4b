/** Endpoints that warm up, set apart from the others of their zone. */
import { rampedWeights } from "../balance/ramp.ts";
import { endpointKey } from "../derive/endpoints.ts";
import type { Cohort, Endpoint, Workload } from "../derive/model.ts";
import type { Plan } from "../plan.ts";
import type { PlannedLocality } from "./locality.ts";

type CohortOf = (endpoint: Endpoint) => Cohort | undefined;

/** With whom an endpoint warms up, if it does. */
export function cohortReader({ warmUp }: Workload): CohortOf {
  const cohorts = warmUp?.cohorts ?? [];
  const byKey = new Map(cohorts.flatMap((cohort) => cohort.members.map((key) => [key, cohort])));
  return (endpoint) => byKey.get(endpointKey(endpoint));
}

/** In words for people. */
export const warmingReason = ({ tenths }: Cohort): string => `warming, ${tenths * 10} % of its share`;

/** What the weights of a tier with warming endpoints sum to at least: a tenth of one share in thousands is then a whole number. */
const FINE = 1_000_000;

/** A locality as it is, then each of its cohorts. What is left of its weight is that of the others. */
function split(locality: PlannedLocality, cohortOf: CohortOf): readonly PlannedLocality[] {
  const { endpoints, weight, subZone, reason } = locality;
  const groups = Map.groupBy(endpoints, cohortOf);
  const warm = groups.get(undefined) ?? [];
  const warming = [...groups].flatMap(([cohort, members]) => (cohort === undefined ? [] : [{ cohort, members }]));
  const healthy = warm.filter(({ health }) => health === "healthy").length;
  const counts = warming.map(({ cohort, members }) => ({ count: members.length, tenths: cohort.tenths }));
  const weights = rampedWeights(weight, healthy, counts);
  if (weights === undefined) return [locality];
  const parts = warming.map(
    ({ cohort, members }, i): PlannedLocality => ({
      zone: locality.zone,
      subZone: subZone === undefined ? cohort.name : `${subZone}-${cohort.name}`,
      weight: weights[i] ?? 1,
      endpoints: members,
      reason: `${reason}; ${warmingReason(cohort)}`,
    }),
  );
  const rest = parts.reduce((left, part) => left - part.weight, weight);
  return [{ ...locality, weight: rest, endpoints: warm }, ...parts];
}

/** The tier as it is where nothing warms up; else every weight is multiplied by the same number: zones share as before. */
function rampedTier(tier: readonly PlannedLocality[], cohortOf: CohortOf): readonly PlannedLocality[] {
  const scale = Math.ceil(FINE / tier.reduce((sum, { weight }) => sum + weight, 0));
  const parts = tier.flatMap((locality) => split({ ...locality, weight: locality.weight * scale }, cohortOf));
  return parts.length === tier.length ? tier : parts;
}

/** The plan for clients that do not warm endpoints up themselves. */
export function ramped(plan: Plan, workload: Workload): Plan {
  if (workload.warmUp === undefined || workload.warmUp.cohorts.length === 0) return plan;
  const cohortOf = cohortReader(workload);
  return { ...plan, tiers: plan.tiers.map((tier) => rampedTier(tier, cohortOf)) };
}
