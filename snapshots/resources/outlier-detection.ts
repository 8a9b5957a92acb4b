import { OutlierDetection } from "../../gen/envoy/config/cluster/v3/outlier_detection.ts";
import type { OutlierDetection as Outliers, TrafficPolicy } from "../derive/model.ts";
import type { ClusterForm } from "./client-kind.ts";
import { durationOf } from "./duration.ts";

/** As clients have it of their own accord, unless one ejection alone is longer. */
const LONGEST_EJECTION_MS = 300_000;

const NANOS_IN_MS = 1_000_000;

/** All that may eject is spelled out: clients differ in what they do of their own accord, and Envoy would count 5xx. */
const NONE = OutlierDetection.fromPartial({
  enforcingConsecutive5xx: 0,
  enforcingConsecutiveGatewayFailure: 0,
  enforcingSuccessRate: 0,
  enforcingFailurePercentage: 0,
});

/**
 * Envoy goes on sending to an endpoint that it cannot connect to, which gRPC leaves out until it can. So it leaves one out for a
 * second after the first failure to connect, a second more after each further one, and half of them at most. Replies of endpoints
 * do not count for this.
 */
const UNREACHABLE: Partial<OutlierDetection> = {
  splitExternalLocalOriginErrors: true,
  consecutiveLocalOriginFailure: 1,
  enforcingConsecutiveLocalOriginFailure: 100,
  enforcingLocalOriginSuccessRate: 0,
  interval: durationOf(1000),
  baseEjectionTime: durationOf(1000),
  maxEjectionTime: durationOf(10_000),
  maxEjectionPercent: 50,
};

/** With settings of its own, which hold for both: one failure to connect is too little for what may be minutes of ejection. */
const UNREACHABLE_AND_ASKED: Partial<OutlierDetection> = { ...UNREACHABLE, consecutiveLocalOriginFailure: 5 };

const asked = (outliers: Outliers): Partial<OutlierDetection> => ({
  interval: durationOf(outliers.intervalMs),
  baseEjectionTime: durationOf(outliers.ejectionMs),
  maxEjectionPercent: outliers.maxEjectedPercent,
  enforcingFailurePercentage: 100,
  failurePercentageThreshold: outliers.failurePercent,
  failurePercentageMinimumHosts: outliers.minEndpoints,
  failurePercentageRequestVolume: outliers.minRequests,
});

/**
 * Which endpoints a client leaves alone, beside those that it cannot reach. Where `max_requests` is taken, this carries what tells a Service from an earlier
 * one of its name (B20): Node reads the longest ejection to the nanosecond, and nobody waits by nanoseconds. That needs no
 * ejecting, and Envoy does not need that.
 */
export function outlierDetection(
  { outliers, maxRequests }: TrafficPolicy,
  form: ClusterForm,
  incarnation: number,
): OutlierDetection | undefined {
  if (form === "envoy" && outliers === undefined) return { ...NONE, ...UNREACHABLE };
  const carries = form !== "envoy" && maxRequests !== undefined;
  if (outliers === undefined && !carries) return undefined;
  const longestMs = Math.max(LONGEST_EJECTION_MS, outliers?.ejectionMs ?? 0);
  return {
    ...NONE,
    ...(form === "envoy" && UNREACHABLE_AND_ASKED),
    ...(outliers !== undefined && asked(outliers)),
    maxEjectionTime: durationOf(longestMs, carries ? incarnation % NANOS_IN_MS : 0),
  };
}
