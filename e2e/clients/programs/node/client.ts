/** `@grpc/grpc-js` with `@grpc/grpc-js-xds`, or with our own client (`--client evenkeel`), by the contract of e2e/clients/README.md. */
import { parseArgs } from "node:util";
import { TRAFFIC_FLAGS, trafficOf } from "./flags.ts";
import { serve } from "./serve.ts";
import { plainClient, startTraffic } from "./traffic.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    ...TRAFFIC_FLAGS,
    client: { type: "string", default: "stock" },
    serve: { type: "string" },
    name: { type: "string", default: "" },
  },
});

/** What makes clients, after the scheme xds is added; for servers as well, whose HTTP filters are known by that. */
async function registered() {
  if (values.client !== "evenkeel") return (await import("./channel.ts")).clientOf;
  (await import("../../../../client/register.ts")).register({ xds: true });
  return plainClient;
}

async function dial(): Promise<void> {
  await startTraffic({
    ...trafficOf(values),
    clientOf,
    targets: positionals.flatMap((targets) => targets.split(",")),
    inputEnded,
  });
}

const clientOf = await registered();
const inputEnded = new Promise<void>((resolve) => process.stdin.on("end", resolve).resume());
if (values.serve === undefined) await dial();
else {
  serve(values.serve, values.method, values.name);
  await inputEnded;
}
process.exit(0);
