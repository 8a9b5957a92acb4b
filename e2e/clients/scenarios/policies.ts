/** Each policy of a Service has its effect, or, with a client that is known not to follow it, none. */
import { setTimeout as delay } from "node:timers/promises";
import { expect } from "vitest";
import type { Feature } from "../../../snapshots/resources/client-kind.ts";
import type { Backend } from "../../harness/backends.ts";
import type { ClientProcess } from "../../harness/client-process.ts";
import type { Stage } from "../stage.ts";
import { greeter } from "../world.ts";

const annotated = (policies: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(policies).map(([name, value]) => [`evenkeel.dev/${name}`, value]));

/** What was seen, which for a client that does not follow the policy is that it has no effect. */
const seen = (stage: Stage, feature: Feature, effect: string): string =>
  stage.does(feature) ? effect : `not supported: ${effect}`;

const codesOf = (codes: Readonly<Record<string, number>>): string => Object.keys(codes).join(", ");

const TIMEOUT_S = 3;
const ANSWER_S = 10;

/** Cut after more than that, a request was not cut by the policy. */
const CUT_BY_S = 7;

export async function timeout(stage: Stage): Promise<string> {
  const moments: number[] = [];
  const behaviour = (): Promise<void> => {
    moments.push(performance.now());
    return delay(1000 * ANSWER_S);
  };
  const pod = await stage.pod("a1", { behaviour });
  const plane = await stage.plane({ manifests: greeter([pod], annotated({ timeout: `${TIMEOUT_S}s` })) });
  const { ok, failed, codes } = await stage.dial(plane.xds, { count: 3, deadline: 30 }).summary();
  expect({ ok, failed }).toEqual(stage.does("timeout") ? { ok: 0, failed: 3 } : { ok: 3, failed: 0 });
  expect(Object.keys(codes)).toEqual(stage.does("timeout") ? ["DEADLINE_EXCEEDED"] : []);
  // From arrival to arrival. A request that was long on its way leaves the next one close behind it, so the longer one counts.
  const [first = 0, second = 0, third = 0] = moments;
  const [shorter = 0, seconds = 0] = [(second - first) / 1000, (third - second) / 1000].toSorted((a, b) => a - b);
  expect(seconds).toBeGreaterThan(TIMEOUT_S - 0.3);
  expect(shorter < CUT_BY_S).toBe(stage.does("timeout"));
  const ended = stage.does("timeout") ? `cut (${codesOf(codes)})` : "answered";
  return seen(stage, "timeout", `${ended} after ${seconds.toFixed(1)} s, told ${TIMEOUT_S}`);
}

const ATTEMPTS = 3;
const BACKOFF_MS = 200;

/** Waits before each attempt but the first of a request, in milliseconds. */
const waits = (moments: readonly number[]): readonly number[] =>
  moments.flatMap((moment, i) => (i % ATTEMPTS === 0 ? [] : [moment - (moments[i - 1] ?? moment)]));

export async function retry(stage: Stage): Promise<string> {
  const moments: number[] = [];
  let recovers = false;
  const behaviour = async (): Promise<void> => {
    moments.push(performance.now());
    if (!recovers || moments.length % ATTEMPTS > 0) throw new Error("not now");
  };
  const pod = await stage.pod("a1", { behaviour });
  const backoff = `${BACKOFF_MS}ms..${BACKOFF_MS}ms`;
  const policies = { "retry-on": "unavailable", "retry-attempts": `${ATTEMPTS}`, "retry-backoff": backoff };
  const plane = await stage.plane({ manifests: greeter([pod], annotated(policies)) });
  const hopeless = await stage.dial(plane.xds, { count: 10 }).summary();
  const follows = stage.does("retry");
  expect(hopeless).toMatchObject({ ok: 0, failed: 10, codes: { UNAVAILABLE: 10 } });
  expect(moments.length).toBe(follows ? 10 * ATTEMPTS : 10);
  const between = waits(moments);
  const mean = between.reduce((sum, each) => sum + each, 0) / between.length;
  expect(mean).toBeGreaterThan(follows ? BACKOFF_MS / 5 : 0); // libraries take a random part of it
  moments.length = 0;
  recovers = true;
  const { ok } = await stage.dial(plane.xds, { count: 6 }).summary();
  expect(ok).toBe(follows ? 6 : 6 / ATTEMPTS);
  const effect = follows
    ? `${ATTEMPTS} attempts, ${Math.round(mean)} ms between them, told ${BACKOFF_MS}`
    : "1 attempt";
  return seen(stage, "retry", effect);
}

const LIMIT = 2;
const AT_ONCE = 10;

export async function maxRequests(stage: Stage): Promise<string> {
  let [inFlight, most] = [0, 0];
  const behaviour = async (number: number): Promise<void> => {
    if (number <= AT_ONCE) return; // Node limits none of those that have waited for its first connection
    inFlight += 1;
    most = Math.max(most, inFlight);
    await delay(400);
    inFlight -= 1;
  };
  const pod = await stage.pod("a1", { behaviour });
  const plane = await stage.plane({ manifests: greeter([pod], annotated({ "max-requests": `${LIMIT}` })) });
  const report = await stage.dial(plane.xds, { count: 80, rate: 50, parallel: AT_ONCE, deadline: 30 }).summary();
  const follows = stage.does("max-requests");
  expect({ limited: most <= LIMIT, fails: report.failed > 0 }).toEqual({ limited: follows, fails: follows });
  expect(Object.keys(report.codes)).toEqual(follows ? ["UNAVAILABLE"] : []);
  return seen(stage, "max-requests", `at most ${most} at once, told ${LIMIT}`);
}

export async function hashHeader(stage: Stage): Promise<string> {
  // As many as do not divide the number of values, else one after the other looks alike.
  const pods = await stage.pods("a1", "a2", "a3");
  const plane = await stage.plane({ manifests: greeter(pods, annotated({ "hash-header": "x-user" })) });
  const {
    byHeader = {},
    byPod,
    failed,
  } = await stage.dial(plane.xds, { count: 400, rate: 200, header: "x-user" }).summary();
  const most = Math.max(...Object.values(byHeader).map((answered) => answered.length));
  expect(failed).toBe(0);
  expect(Object.keys(byPod).length).toBeGreaterThan(1);
  expect(most === 1).toBe(stage.does("ring-hash"));
  return seen(stage, "ring-hash", `${most} pod${most === 1 ? "" : "s"} for each value`);
}

/** Seconds until a pod gets no request while others get many; undefined if it always does. */
async function leftAlone(client: ClientProcess, bad: Backend): Promise<number | undefined> {
  let [ok, served] = [0, 0];
  for (let second = 1; second <= 30; second += 1) {
    const report = await client.next();
    if (report.ok - ok >= 10 && served === bad.served()) return second;
    [ok, served] = [report.ok, bad.served()];
  }
  return undefined;
}

export async function outlierDetection(stage: Stage): Promise<string> {
  const bad = await stage.pod("a1", {
    behaviour: async () => {
      throw new Error("always");
    },
  });
  const pods = [bad, ...(await stage.pods("a2", "a3"))];
  const settings = "failures=50%,requests=3,endpoints=2,interval=2s,ejection=60s,most=50%";
  const plane = await stage.plane({ manifests: greeter(pods, annotated({ "outlier-detection": settings })) });
  const client = stage.dial(plane.xds, { rate: 100 });
  const seconds = await leftAlone(client, bad);
  await client.finish();
  expect(seconds !== undefined).toBe(stage.does("outlier-detection"));
  return seen(stage, "outlier-detection", seconds === undefined ? "never left alone" : `left alone after ${seconds} s`);
}

const JUDGED = 300;

/** The part of the requests that one pod of three gets, which takes a second for each, once all are connected and nothing waits. */
async function slowPart(stage: Stage, lb: string): Promise<number> {
  const slow = await stage.pod("a1", { behaviour: () => delay(1000) });
  const pods = [slow, ...(await stage.pods("a2", "a3"))];
  const plane = await stage.plane({ manifests: greeter(pods, annotated({ lb })) });
  const client = stage.dial(plane.xds, { rate: 50, parallel: 100, deadline: 30 });
  await client.until(({ byPod }) => Object.keys(byPod).length === pods.length);
  await client.next();
  const counts = (): readonly number[] => pods.map((pod) => pod.served());
  const before = counts();
  await client.until(({ ok }) => ok >= before.reduce((sum, each) => sum + each, JUDGED));
  const got = counts().map((count, i) => count - (before[i] ?? 0));
  expect((await client.finish()).failed).toBe(0);
  return (got[0] ?? 0) / got.reduce((sum, each) => sum + each, 0);
}

/** With round robin a third; with two choices what is left when both fall on it, and a little more. */
const isEven = (part: number): boolean => part > 0.22;

const percent = (part: number): string => `${Math.round(100 * part)} % to the slow one of three`;

export async function twoChoices(stage: Stage): Promise<string> {
  const part = await slowPart(stage, "two_choices");
  expect(isEven(part)).toBe(!stage.does("two-choices"));
  return seen(stage, "two-choices", percent(part));
}

export async function roundRobin(stage: Stage): Promise<string> {
  const part = await slowPart(stage, "round_robin");
  expect(isEven(part)).toBe(stage.does("round-robin"));
  return seen(stage, "round-robin", percent(part));
}
