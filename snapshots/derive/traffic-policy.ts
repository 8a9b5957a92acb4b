/** What a Service wants of how its endpoints are used, apart from zones: annotations of ours. */
import { type Annotation, type AnnotationReader, wordOf } from "./annotations.ts";
import type { Policy } from "./model.ts";

const LB = { key: "lb", inherited: true, ...wordOf(["two_choices", "round_robin"]) } as const;

export const TRAFFIC_ANNOTATIONS: readonly Annotation<unknown>[] = [LB];

export const trafficPolicy = (reader: AnnotationReader): Pick<Policy, "picker"> => ({
  picker: reader.read(LB)?.value === "round_robin" ? "round-robin" : "two-choices",
});
