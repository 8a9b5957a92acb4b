/**
 * One client: `@grpc/grpc-js` with `@grpc/grpc-js-xds`, or with ours. Dials TARGET and prints one line of JSON a second and one at
 * the end. Usage: node-client.ts TARGET --method PATH [--seconds S | --count N] [--rate R] [--deadline S] [--client evenkeel].
 * Ends when its input ends.
 */
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Client, credentials, Metadata, type ServiceError } from "@grpc/grpc-js";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    method: { type: "string", default: "" },
    seconds: { type: "string", default: "0" },
    count: { type: "string", default: "0" },
    rate: { type: "string", default: "200" },
    deadline: { type: "string", default: "10" },
    client: { type: "string", default: "stock" },
  },
});
const [target = ""] = positionals;
const number = (text: string): number => Number.parseFloat(text);
const limit = { seconds: number(values.seconds), count: number(values.count), rate: number(values.rate) };

if (values.client === "evenkeel") (await import("../../client/register.ts")).register({ xds: true });
else (await import("@grpc/grpc-js-xds")).register();
const client = new Client(target, credentials.createInsecure());
const waitForReady = new Metadata({ waitForReady: true });
const byPod: Record<string, number> = {};
let ok = 0;
let failed = 0;
let firstError: string | null = null;
let firstAnswerMs: number | null = null;
const started = performance.now();

const ask = (): Promise<void> =>
  new Promise((resolve) => {
    const deadline = Date.now() + number(values.deadline) * 1000;
    const answered = (error: ServiceError | null, pod = ""): void => {
      if (error !== null) {
        failed += 1;
        firstError ??= error.message;
      } else {
        ok += 1;
        byPod[pod] = (byPod[pod] ?? 0) + 1;
        firstAnswerMs ??= performance.now() - started;
      }
      resolve();
    };
    const text = (data: Buffer): string => data.toString();
    client.makeUnaryRequest(
      values.method,
      (t: string) => Buffer.from(t),
      text,
      "who?",
      waitForReady,
      { deadline },
      answered,
    );
  });

const report = (kind: "progress" | "summary"): void => {
  process.stdout.write(`${JSON.stringify({ kind, ok, failed, byPod, firstError, firstAnswerMs })}\n`);
};

let stopped = false;
process.stdin.on("end", () => {
  stopped = true;
});
process.stdin.resume();
const ticker = setInterval(() => report("progress"), 1000);
const over = (sent: number): boolean =>
  stopped ||
  (limit.count > 0 && sent >= limit.count) ||
  (limit.seconds > 0 && performance.now() - started >= limit.seconds * 1000);
for (let sent = 0; !over(sent); sent += 1) {
  await ask();
  const due = started + ((sent + 1) / limit.rate) * 1000 - performance.now();
  if (due > 1) await delay(due);
}
clearInterval(ticker);
report("summary");
client.close();
process.exit(0);
