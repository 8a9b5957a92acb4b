import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import type { Cluster, Place } from "./cluster.ts";
import {
  type Answers,
  type Assigned,
  answered,
  between,
  failures,
  NO_ANSWERS,
  type Pods,
  type Reading,
  type Way,
} from "./figures.ts";
import type { Act, Moment, Windows } from "./screen.ts";
import type { Traffic } from "./traffic.ts";

/** How long each part of the demo is looked at. */
export interface Pace {
  /** Until evenkeel acts upon where requests come from, which it does at most every ten seconds. */
  readonly settleMs: number;
  /** While nothing changes, until each zone's clients have had the answers of so many seconds. */
  readonly steadySeconds: number;
  /** After each change. */
  readonly actMs: number;
}

/** A zone: a place for new pods, and the requests per second that its clients send. */
export interface DemoZone extends Place {
  readonly rate: number;
}

/** What plays, and who watches. */
export interface Stage {
  readonly cluster: Cluster;
  readonly traffic: Traffic;
  /** In order of zone. */
  readonly zones: readonly DemoZone[];
  readonly admin: string;
  readonly pace: Pace;
  readonly signal: AbortSignal;
  readAssigned(): Promise<Assigned>;
  show(moment: Moment): void;
}

export interface Story {
  readonly steady: Act;
  readonly assigned: Assigned;
  readonly acts: readonly Act[];
}

const SECOND = 1000;

const readings = ({ traffic }: Stage): Windows => ({
  evenkeel: traffic.reading("evenkeel"),
  connections: traffic.reading("connections"),
});

const since = (before: Windows, after: Windows): Windows => ({
  evenkeel: between(before.evenkeel, after.evenkeel),
  connections: between(before.connections, after.connections),
});

const readyPods = ({ cluster }: Stage): Pods =>
  new Map(
    cluster
      .pods()
      .filter(({ state }) => state === "ready")
      .map((pod) => [pod.name, pod]),
  );

/** Shows the last second, each second, until stopped. */
export function startShowing(stage: Stage, titleNow: () => string): Disposable {
  const started = performance.now();
  let last = readings(stage);
  const ticker = setInterval(() => {
    const now = readings(stage);
    const failed = (way: Way): number => failures(now[way]);
    stage.show({
      seconds: Math.round((performance.now() - started) / SECOND),
      title: titleNow(),
      admin: stage.admin,
      pods: stage.cluster.pods(),
      lastSecond: since(last, now),
      failed: { evenkeel: failed("evenkeel"), connections: failed("connections") },
    });
    last = now;
  }, SECOND);
  return { [Symbol.dispose]: () => clearInterval(ticker) };
}

const PATIENCE_MS = 30_000;

async function until(holds: () => boolean, { signal }: Stage): Promise<void> {
  const limit = performance.now() + PATIENCE_MS;
  while (!holds()) {
    if (performance.now() > limit) throw new Error("requests do not flow as they should; is the machine very busy?");
    await delay(100, undefined, { signal });
  }
}

/** Makes a change while requests flow, and lets them flow on. */
async function watchChange(stage: Stage, title: string, change: () => Promise<void>): Promise<Act> {
  const { pace, signal } = stage;
  const start = readings(stage);
  await change();
  await delay(SECOND, undefined, { signal }); // until connections to new pods are made
  const pods = readyPods(stage);
  const settled = readings(stage);
  await delay(pace.actMs, undefined, { signal });
  const end = readings(stage);
  return { title, pods, all: since(start, end), settled: since(settled, end) };
}

/** What each zone's clients counted when they had as many more answers as they send in that time, however long it took. */
async function quotas(way: Way, seconds: number, stage: Stage): Promise<Reading> {
  const start = stage.traffic.reading(way);
  const full = new Map<string, Answers>();
  await until(() => {
    const now = stage.traffic.reading(way);
    for (const { zone, rate } of stage.zones) {
      const more = answered(now.get(zone)) - answered(start.get(zone));
      if (more >= seconds * rate && !full.has(zone)) full.set(zone, now.get(zone) ?? NO_ANSWERS);
    }
    return full.size === stage.zones.length;
  }, stage);
  return between(start, full);
}

const written = (assigned: Assigned): string => JSON.stringify([...assigned].map(([from, to]) => [from, ...to]));

/** Measures while the assignments stay as they are; again when they changed meanwhile, which they do at most every ten seconds. */
async function watchSteady(stage: Stage, title: string): Promise<{ steady: Act; assigned: Assigned }> {
  const assigned = await stage.readAssigned();
  const { steadySeconds } = stage.pace;
  const [evenkeel, connections] = await Promise.all([
    quotas("evenkeel", steadySeconds, stage),
    quotas("connections", steadySeconds, stage),
  ]);
  const windows = { evenkeel, connections };
  const steady = { title, pods: readyPods(stage), all: windows, settled: windows };
  const unchanged = written(assigned) === written(await stage.readAssigned());
  return unchanged ? { steady, assigned } : watchSteady(stage, title);
}

async function unlessAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  const settled = new AbortController();
  const aborted = once(signal, "abort", { signal: settled.signal }).then(() => signal.throwIfAborted());
  aborted.catch(() => {}); // when the work was done first
  await Promise.race([work, aborted]).finally(() => settled.abort());
}

/** Plays it all. */
export async function play(stage: Stage, announce: (title: string) => void): Promise<Story> {
  const { cluster, zones, pace, signal } = stage;
  const last = zones.at(-1);
  if (last === undefined) throw new Error("the example has no zones");
  const inZone = ({ zone }: Place): string[] =>
    cluster
      .pods()
      .filter((pod) => pod.zone === zone)
      .map(({ name }) => name);
  const act = (title: string, change: () => Promise<void>): Promise<Act> => {
    announce(title);
    return watchChange(stage, title, change);
  };
  announce("clients start");
  for (const way of ["evenkeel", "connections"] as const) await unlessAborted(stage.traffic.start(way), signal);
  announce("evenkeel learns where requests come from");
  await delay(pace.settleMs, undefined, { signal });
  announce("nine pods in three zones");
  const { steady, assigned } = await watchSteady(stage, "nine pods in three zones");
  const acts = [
    await act("a pod joins each zone", () => cluster.add(zones)),
    await act("a pod leaves each zone", () => cluster.remove(zones.flatMap((zone) => inZone(zone).slice(0, 1)))),
    await act(`zone ${last.zone} goes away`, () => cluster.remove(inZone(last))),
  ];
  return { steady, assigned, acts: [steady, ...acts] };
}
