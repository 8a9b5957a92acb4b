import type { Service } from "../objects.ts";
import type { Derived } from "../problem.ts";
import { type Annotation, AnnotationReader, type Annotations, wordOf } from "./annotations.ts";
import type { NamedMode, Policy } from "./model.ts";
import { TRAFFIC_ANNOTATIONS, trafficPolicy } from "./traffic-policy.ts";
import { ZONE_ANNOTATIONS, zonePolicy } from "./zone-policy.ts";

const ENABLED = { key: "enabled", inherited: false, ...wordOf(["true", "false"]) } as const;

const KNOWN: readonly Annotation<unknown>[] = [ENABLED, ...TRAFFIC_ANNOTATIONS, ...ZONE_ANNOTATIONS];

/** How a Service wants to be served, and whether at all. */
export interface Wish {
  readonly enabled: boolean;
  readonly policy: Policy;
}

/**
 * Reads fields and annotations of a Service, then the annotations of its Namespace, which only give defaults; `defaultMode`
 * is the server's.
 */
export function wishOf(service: Service, namespaceAnnotations: Annotations, defaultMode: NamedMode): Derived<Wish> {
  const reader = new AnnotationReader(service, namespaceAnnotations);
  reader.complainOfOthers(KNOWN);
  const enabled = reader.read(ENABLED)?.value !== "false";
  const policy = { ...zonePolicy(service, reader, defaultMode), ...trafficPolicy(reader) };
  return { value: { enabled, policy }, problems: reader.problems };
}
