/** Envoy and, in front of it, a plain gRPC client, together by the contract of e2e/clients/README.md. */
import { parseArgs } from "node:util";
import { type ServiceError, status } from "@grpc/grpc-js";
import { TRAFFIC_FLAGS, trafficOf } from "../node/flags.ts";
import { startTraffic } from "../node/traffic.ts";
import { areFixed, ownFor } from "./config.ts";
import { startEnvoy } from "./process.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    ...TRAFFIC_FLAGS,
    newest: { type: "string", default: "" },
    older: { type: "string", default: "" },
    version: { type: "string", default: "newest" },
    protocol: { type: "string", default: "delta" },
  },
});

/** Envoy answers at once where a gRPC client would wait for an endpoint: these are its words for a cluster without any, or none. */
const isNobody = ({ code, details }: ServiceError): boolean =>
  code === status.UNAVAILABLE && ["no healthy upstream", ""].includes(details);

let isOver = false;
const inputEnded = new Promise<void>((resolve) => process.stdin.on("end", resolve).resume()).then(() => {
  isOver = true;
});
const targets = positionals.flatMap((list) => list.split(/,(?!\d)/));
const printed = process.env.XDS_BOOTSTRAP ?? "";
const executable = values.version === "older" ? values.older : values.newest;
await using envoy = await startEnvoy(executable, ownFor(targets), {
  isOver: () => isOver,
  ...(!areFixed(targets) && { base: values.protocol === "sotw" ? printed.replace("DELTA_GRPC", "GRPC") : printed }),
});
await startTraffic({
  ...trafficOf(values),
  targets: envoy?.listeners ?? [],
  inputEnded,
  isNobody,
});
await envoy?.[Symbol.asyncDispose]();
process.exit(0);
