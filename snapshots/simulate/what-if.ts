/** What is to be imagined of a cluster, and what is wrong with it. */
import type { Zone, ZoneKey } from "../balance/zone.ts";
import type { KubernetesObject, ObjectKey } from "../objects.ts";

/** How many ready endpoints a Service is to have in a zone. */
export interface Scaling {
  /** `namespace/name` */
  readonly service: ObjectKey;
  /** `zone`, or `region/zone`; absent for a Service that stands in no more than one. */
  readonly zone?: string;
  readonly to: number;
}

/** As it is asked for: names of zones and Services may lead nowhere. */
export interface WhatIf {
  /** Added, or in the place of those of the same kind and name. Of two alike the last counts. */
  readonly objects: readonly KubernetesObject[];
  /** Their endpoints and their clients are gone. */
  readonly zonesGone: readonly string[];
  /** One after the other. */
  readonly scale: readonly Scaling[];
  /** Streams by zone, of each Service that is looked at, in the place of those that are counted. */
  readonly clients?: Readonly<Record<string, number>>;
  /** Only these are looked at, and those that `scale` names. */
  readonly services?: readonly ObjectKey[];
}

/** The same with zones that there are. */
export interface Imagined {
  readonly zonesGone: ReadonlySet<ZoneKey>;
  readonly scale: readonly { readonly service: ObjectKey; readonly zone: Zone; readonly to: number }[];
  readonly clients?: ReadonlyMap<ZoneKey, number>;
}

/** Why something cannot be imagined. */
export interface Fault {
  readonly kind: "fault";
  readonly code: "unknown-service" | "not-served" | "unknown-zone" | "ambiguous-zone" | "contradiction" | "too-much";
  /** Begins with where it is: `scale[0].zone …`. */
  readonly message: string;
  /** What there is in its place. */
  readonly allowed?: readonly string[];
  readonly nearest?: readonly string[];
}

export const isFault = (value: object): value is Fault => "kind" in value && value.kind === "fault";

/** What one question may cost, so that it does not hold up those who are served. */
export const LIMITS = {
  /** Services that are looked at. */
  services: 200,
  /** For each of their ports, zones that there are by zones and endpoints. */
  work: 500_000,
  /** Names that are listed in the place of one that leads nowhere. */
  listed: 50,
} as const;
