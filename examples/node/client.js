// An ordinary gRPC client. With a target such as xds:///greeter.default:8080, and GRPC_XDS_BOOTSTRAP naming a file made by
// `evenkeel bootstrap`, each request goes to a pod of its own; with any other target, all requests of a connection go to one.
// Usage: node client.js TARGET [--rate REQUESTS-PER-SECOND] [--connections N] [--report MILLISECONDS]
// Prints how many answers each pod gave so far, now and then and, when it is asked to stop, a last time.
import { parseArgs } from "node:util";
import { credentials, Metadata } from "@grpc/grpc-js";
import { Greeter } from "./greeter.js";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rate: { type: "string", default: "10" },
    connections: { type: "string", default: "1" },
    report: { type: "string", default: "1000" },
  },
});
const [target = "xds:///greeter.default:8080"] = positionals;
const rate = Number(values.rate);

process.on("disconnect", () => process.exit(0)); // a parent process that is gone needs it no more

if (target.startsWith("xds:")) (await import("@grpc/grpc-js-xds")).register();

/** Channels to one target would share a connection, if they were not told to keep their own. */
const clients = Array.from(
  { length: Number(values.connections) },
  () => new Greeter(target, credentials.createInsecure(), { "grpc.use_local_subchannel_pool": 1 }),
);

/** A server that cannot keep up is not given ever more. */
const MOST_PENDING = 500;

const waitForReady = new Metadata({ waitForReady: true });
const answers = { ok: 0, failed: 0, pods: {}, error: "" };
let sent = 0;
let pending = 0;
let stopping = false;

function count(error, answer) {
  pending -= 1;
  if (error) {
    answers.failed += 1;
    answers.error = error.message;
  } else {
    answers.ok += 1;
    answers.pods[answer.pod] = (answers.pods[answer.pod] ?? 0) + 1;
  }
  if (stopping && pending === 0) finish();
}

function greet() {
  const client = clients[sent % clients.length];
  sent += 1;
  pending += 1;
  client.greet({ name: "you" }, waitForReady, { deadline: Date.now() + 30_000 }, count);
}

const show = () => console.log(JSON.stringify(answers));

function finish() {
  show();
  process.exit(0);
}

function stop() {
  clearInterval(sending);
  stopping = true;
  if (pending === 0) finish();
}

const ready = (client) =>
  new Promise((resolve, reject) => {
    client.waitForReady(Date.now() + 30_000, (error) => (error ? reject(error) : resolve()));
  });
await Promise.all(clients.map(ready));

let last = performance.now();
let due = 0;
const sending = setInterval(() => {
  const now = performance.now();
  due = Math.min(due + ((now - last) / 1000) * rate, MOST_PENDING - pending);
  last = now;
  for (; due >= 1; due -= 1) greet();
}, 10);
setInterval(show, Number(values.report));
process.on("SIGTERM", stop);
process.on("SIGINT", stop);
