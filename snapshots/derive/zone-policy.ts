/** What a Service wants of zones: fields of Kubernetes and annotations of ours. */
import type { Service } from "../objects.ts";
import { type Annotation, type AnnotationReader, wordOf } from "./annotations.ts";
import type { Policy } from "./model.ts";

const ZONE_MODE = { key: "zone-mode", inherited: true, ...wordOf(["weighted", "spread"]) } as const;

export const ZONE_ANNOTATIONS: readonly Annotation<unknown>[] = [ZONE_MODE];

const TOPOLOGY_MODE = "service.kubernetes.io/topology-mode";

/** The default, and what of Kubernetes' own wishes it does not follow: those modes are not there yet. */
function defaultFor({ trafficDistribution, annotations }: Service): string {
  const wishes = [
    ...(trafficDistribution === undefined ? [] : [`trafficDistribution ${trafficDistribution}`]),
    ...(annotations[TOPOLOGY_MODE] === undefined ? [] : [`annotation ${TOPOLOGY_MODE}`]),
  ];
  return wishes.length === 0 ? "default" : `default; not followed yet: ${wishes.join(", ")}`;
}

export function zonePolicy(service: Service, reader: AnnotationReader): Pick<Policy, "mode" | "modeFrom"> {
  const asked = reader.read(ZONE_MODE);
  if (service.internalTrafficPolicy === "Local") return { mode: "local", modeFrom: "internalTrafficPolicy Local" };
  if (asked !== undefined) return { mode: asked.value, modeFrom: asked.from };
  return { mode: "weighted", modeFrom: defaultFor(service) };
}
