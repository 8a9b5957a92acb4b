import type { ScenarioId } from "../list.ts";
import type { Stage } from "../stage.ts";
import { changeLatency } from "./latency.ts";
import { createdLater, recreatedOther, recreatedSame } from "./lifecycle.ts";
import { hashHeader, maxRequests, outlierDetection, retry, roundRobin, timeout, twoChoices } from "./policies.ts";
import { rollingReplace, scaleOut, scaleToZero } from "./scaling.ts";
import { serve } from "./serve.ts";
import { away, brokenNeighbour, notYetReadable, oneOfTwoDies, restarted } from "./servers.ts";
import { zoneLost, zoneShares, zoneWeights } from "./shares.ts";
import { manyEndpoints, manyTargets } from "./size.ts";
import { bootstrap, firstRequest, ipv6, recognised } from "./start.ts";

/** Plays a scenario; resolves with what the matrix is to show of it. */
type Run = (stage: Stage) => Promise<string>;

export const RUNS: Readonly<Record<ScenarioId, Run>> = {
  recognised,
  bootstrap,
  "first-request": firstRequest,
  "change-latency": changeLatency,
  "zone-shares": zoneShares,
  "zone-weights": zoneWeights,
  "zone-lost": zoneLost,
  "scale-to-zero": scaleToZero,
  "scale-out": scaleOut,
  "rolling-replace": rollingReplace,
  "created-later": createdLater,
  "recreated-same": recreatedSame,
  "recreated-other": recreatedOther,
  restarted,
  away,
  "one-of-two-dies": oneOfTwoDies,
  "not-yet-readable": notYetReadable,
  "broken-neighbour": brokenNeighbour,
  ipv6,
  "200-targets": manyTargets,
  "3000-endpoints": manyEndpoints,
  timeout,
  retry,
  "max-requests": maxRequests,
  "hash-header": hashHeader,
  "outlier-detection": outlierDetection,
  "two-choices": twoChoices,
  "round-robin": roundRobin,
  serve,
};
