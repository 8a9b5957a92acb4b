/** A pod that asks: stock grpc-js-xds with its bootstrap in the environment, steady traffic, every request accounted for. */
import { randomUUID } from "node:crypto";
import { setInterval } from "node:timers/promises";
import { Client, credentials, Metadata, type ServiceError } from "@grpc/grpc-js";
import { register } from "@grpc/grpc-js-xds";
import { METHOD } from "../../harness/backends.ts";
import { serveControl } from "./http.ts";
import { type ClientStats, CONTROL_PORT, type Failure, type TargetStats, type Traffic } from "./protocol.ts";

const KEPT_FAILURES = 100;
const run = randomUUID();
const flows: (() => TargetStats)[] = [];

/** Starts to ask, for ever, and gives the way to its counters. */
function startTraffic({ target, rate, deadlineMs, waitForReady }: Traffic): () => TargetStats {
  const client = new Client(target, credentials.createInsecure());
  const metadata = new Metadata({ waitForReady });
  const byPod: Record<string, number> = {};
  const failures: Failure[] = [];
  let [sent, ok, failed] = [0, 0, 0];
  const ask = (): void => {
    const sentAt = performance.now();
    sent += 1;
    const answered = (error: ServiceError | null, pod = ""): void => {
      if (error === null) {
        ok += 1;
        byPod[pod] = (byPod[pod] ?? 0) + 1;
        return;
      }
      failed += 1;
      if (failures.length < KEPT_FAILURES)
        failures.push({ sentAt, failedAt: performance.now(), message: error.message });
    };
    const write = (text: string): Buffer => Buffer.from(text);
    const read = (data: Buffer): string => data.toString();
    const deadline = Date.now() + deadlineMs;
    client.makeUnaryRequest(METHOD, write, read, "who?", metadata, { deadline }, answered);
  };
  const forEver = async (): Promise<void> => {
    for await (const _ of setInterval(1000 / rate)) ask();
  };
  void forEver();
  return () => ({ target, sent, ok, byPod, failed, failures });
}

register();
const start = (traffic: Traffic): void => {
  flows.push(startTraffic(traffic));
};
for (const traffic of JSON.parse(process.env.TRAFFIC ?? "[]") as readonly Traffic[]) start(traffic);
serveControl(CONTROL_PORT, {
  "GET /ready": () => ({ ready: true }),
  "GET /stats": (): ClientStats => ({ run, targets: flows.map((stats) => stats()) }),
  "POST /traffic": (body) => {
    start(body as Traffic);
    return "started";
  },
});
process.on("SIGTERM", () => process.exit(0));
