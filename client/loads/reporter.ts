import type { ClientDuplexStream } from "@grpc/grpc-js";
import type { Node } from "../../gen/envoy/config/core/v3/base.ts";
import {
  LoadReportingServiceClient,
  LoadStatsRequest,
  type LoadStatsRequest as Request,
  type LoadStatsResponse as Response,
} from "../../gen/envoy/service/load_stats/v3/lrs.ts";
import { backoffMs } from "../backoff.ts";
import type { ServerConfig } from "../bootstrap.ts";
import { channelCredentials } from "../credentials.ts";
import { durationMs } from "../parse/duration.ts";
import type { ClusterLoad, Ledger } from "./ledger.ts";

const LEAST_INTERVAL_MS = 1000;
const DEFAULT_INTERVAL_MS = 10_000;

const clusterStats = ({ cluster, localities, dropped }: ClusterLoad, elapsedMs: number) => ({
  clusterName: cluster,
  upstreamLocalityStats: localities.map(({ place, issued, succeeded, failed, inProgress }) => ({
    locality: place,
    totalIssuedRequests: issued,
    totalSuccessfulRequests: succeeded,
    totalErrorRequests: failed,
    totalRequestsInProgress: inProgress,
  })),
  totalDroppedRequests: [...dropped.values()].reduce((sum, count) => sum + count, 0),
  droppedRequests: [...dropped]
    .filter(([category]) => category !== "")
    .map(([category, droppedCount]) => ({ category, droppedCount })),
  loadReportInterval: { seconds: Math.floor(elapsedMs / 1000), nanos: Math.round(elapsedMs % 1000) * 1_000_000 },
});

/** Reports what the ledger counts, as often as the server wishes, until the function that it gives is called. */
export function reportLoads({ uri, credentials }: ServerConfig, node: Node, ledger: Ledger): () => void {
  const client = new LoadReportingServiceClient(uri, channelCredentials(credentials), { "grpc.enable_channelz": 0 });
  let call: ClientDuplexStream<Request, Response> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let failures = 0;
  let closed = false;

  const follow = (
    own: NonNullable<typeof call>,
    { clusters, sendAllClusters, loadReportingInterval }: Response,
  ): void => {
    failures = 0;
    clearInterval(timer);
    const everyMs = Math.max(LEAST_INTERVAL_MS, durationMs(loadReportingInterval) ?? DEFAULT_INTERVAL_MS);
    const wanted = sendAllClusters ? undefined : new Set(clusters);
    let last = performance.now();
    timer = setInterval(() => {
      const now = performance.now();
      const stats = ledger.report(wanted).map((load) => clusterStats(load, now - last));
      last = now;
      own.write(LoadStatsRequest.fromPartial({ clusterStats: stats }));
    }, everyMs);
  };
  const open = (): void => {
    const own = client.streamLoadStats();
    call = own;
    own.on("data", (response: Response) => follow(own, response));
    own.on("error", () => undefined); // a server that takes no reports is asked again, ever more rarely
    own.on("status", () => {
      clearInterval(timer);
      failures += 1;
      if (!closed) timer = setTimeout(open, backoffMs(failures, Math.random));
    });
    own.write(LoadStatsRequest.fromPartial({ node }));
  };
  open();
  return () => {
    closed = true;
    clearTimeout(timer);
    call?.cancel();
    client.close();
  };
}
