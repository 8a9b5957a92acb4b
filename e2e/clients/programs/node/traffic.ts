import { setTimeout as delay } from "node:timers/promises";
import { Client, credentials, Metadata, type ServiceError } from "@grpc/grpc-js";
import { createReport } from "./report.ts";

export interface Traffic {
  readonly targets: readonly string[];
  readonly method: string;
  /** 0 is for ever. */
  readonly seconds: number;
  /** 0 is any number. */
  readonly count: number;
  /** A second, over all targets. */
  readonly rate: number;
  readonly deadlineMs: number;
  readonly parallel: number;
  /** A request header that is to have one of 20 values. */
  readonly header: string | undefined;
  /** Nothing is sent after it, and what is unanswered then is not waited for long. */
  readonly inputEnded: Promise<void>;
  /** Whether an error says that nobody is there yet, which a request waits for; where the library does not know it. */
  readonly isNobody?: (error: ServiceError) => boolean;
  /** What makes a client of a target, if not `plainClient`. */
  readonly clientOf?: (target: string) => Client;
}

const HEADER_VALUES = 20;
const LAST_ANSWERS_MS = 1000;
const AGAIN_MS = 20;

const text = (data: Buffer): string => data.toString();
const bytes = (words: string): Buffer => Buffer.from(words);

export const plainClient = (target: string): Client => new Client(target, credentials.createInsecure());

type Ask = (number: number) => Promise<void>;

/** Keeps to the schedule as long as no more than `parallel` are in flight; resolves when all are answered. */
async function sendAll(ask: Ask, { count, seconds, rate, parallel, inputEnded }: Traffic): Promise<void> {
  const started = performance.now();
  const inFlight = new Set<Promise<void>>();
  let stopped = false;
  const stop = inputEnded.then(() => {
    stopped = true;
  });
  const isOver = (sent: number): boolean =>
    stopped || (count > 0 && sent >= count) || (seconds > 0 && performance.now() - started >= seconds * 1000);
  for (let sent = 0; !isOver(sent); sent += 1) {
    const answer = ask(sent).then(() => void inFlight.delete(answer));
    inFlight.add(answer);
    if (inFlight.size >= parallel) await Promise.race([...inFlight, stop]);
    const early = started + ((sent + 1) / rate) * 1000 - performance.now();
    if (early > 1) await delay(early);
  }
  await Promise.race([Promise.all(inFlight), stop.then(() => delay(LAST_ANSWERS_MS))]);
}

/** Sends as told, printing a line a second and the summary. */
export async function startTraffic(told: Traffic): Promise<void> {
  const { targets, method, deadlineMs, header, isNobody = () => false, clientOf = plainClient } = told;
  const clients = targets.map(clientOf);
  const report = createReport(header !== undefined);
  const ask = (number: number): Promise<void> =>
    new Promise((resolve) => {
      const metadata = new Metadata({ waitForReady: true });
      const value = header === undefined ? undefined : `k${number % HEADER_VALUES}`;
      if (header !== undefined && value !== undefined) metadata.set(header, value);
      const deadline = Date.now() + deadlineMs;
      const send = (): void => {
        clients[number % clients.length]?.makeUnaryRequest(
          method,
          bytes,
          text,
          "who?",
          metadata,
          { deadline },
          answered,
        );
      };
      const answered = (error: ServiceError | null, pod = ""): void => {
        if (error !== null && isNobody(error) && Date.now() < deadline) {
          report.waits();
          setTimeout(send, AGAIN_MS);
          return;
        }
        if (error === null) report.answered(pod, value);
        else report.failed(error);
        resolve();
      };
      send();
    });
  const ticker = setInterval(() => report.print("progress"), 1000);
  await sendAll(ask, told);
  clearInterval(ticker);
  report.print("summary");
}
