/** `@grpc/grpc-js` with `@grpc/grpc-js-xds`, or with our own client (`--client evenkeel`), by the contract of e2e/clients/README.md. */
import { parseArgs } from "node:util";
import { serve } from "./serve.ts";
import { plainClient, startTraffic } from "./traffic.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    method: { type: "string", default: "" },
    seconds: { type: "string", default: "0" },
    count: { type: "string", default: "0" },
    rate: { type: "string", default: "200" },
    deadline: { type: "string", default: "10" },
    parallel: { type: "string", default: "1" },
    header: { type: "string" },
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
    clientOf,
    targets: positionals.flatMap((targets) => targets.split(",")),
    method: values.method,
    seconds: Number(values.seconds),
    count: Number(values.count),
    rate: Number(values.rate),
    deadlineMs: Number(values.deadline) * 1000,
    parallel: Number(values.parallel),
    header: values.header,
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
