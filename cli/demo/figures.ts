/** What each way of balancing is called. */
export type Way = "evenkeel" | "connections";

/** Answers that the clients of one zone got, by pod, and requests that failed. */
export interface Answers {
  readonly failed: number;
  /** What the last of those said. */
  readonly error?: string;
  readonly pods: Readonly<Record<string, number>>;
}

export const NO_ANSWERS: Answers = { failed: 0, pods: {} };

/** By client zone. */
export type Reading = ReadonlyMap<string, Answers>;

/** Pods and where they are: those that served all the time that is looked at. */
export type Pods = ReadonlyMap<string, { readonly zone: string }>;

/** What happened from one reading to a later one. */
export function between(before: Reading, after: Reading): Reading {
  const less = ({ failed, pods }: Answers, earlier: Answers | undefined): Answers => ({
    failed: failed - (earlier?.failed ?? 0),
    pods: Object.fromEntries(Object.entries(pods).map(([pod, n]) => [pod, n - (earlier?.pods[pod] ?? 0)])),
  });
  return new Map([...after].map(([zone, answers]) => [zone, less(answers, before.get(zone))]));
}

const sum = (numbers: Iterable<number>): number => [...numbers].reduce((total, n) => total + n, 0);

export const failures = (reading: Reading): number => sum([...reading.values()].map(({ failed }) => failed));

export function perPod(reading: Reading): ReadonlyMap<string, number> {
  const totals = new Map<string, number>();
  for (const { pods } of reading.values())
    for (const [pod, n] of Object.entries(pods)) totals.set(pod, (totals.get(pod) ?? 0) + n);
  return totals;
}

export const answered = (answers: Answers | undefined): number => sum(Object.values(answers?.pods ?? {}));

export const total = (reading: Reading): number => sum([...reading.values()].map(answered));

/** The busiest pod's requests over those of the average pod. 1 is perfectly even. */
export function skew(reading: Reading, pods: Pods): number {
  const requests = perPod(reading);
  const each = [...pods.keys()].map((pod) => requests.get(pod) ?? 0);
  return (Math.max(...each) * each.length) / sum(each);
}

/** The part of one client zone's requests that each pod zone answered. */
export function shares({ pods: byPod }: Answers, pods: Pods): ReadonlyMap<string, number> {
  const all = sum(Object.values(byPod));
  const byZone = new Map<string, number>();
  for (const [pod, n] of Object.entries(byPod)) {
    const zone = pods.get(pod)?.zone ?? "?";
    byZone.set(zone, (byZone.get(zone) ?? 0) + n / all);
  }
  return byZone;
}

/** The part of all requests that were answered in the zone they came from. */
export function ownZone(reading: Reading, pods: Pods): number {
  const own = [...reading].map(([zone, { pods: byPod }]) =>
    sum(Object.entries(byPod).map(([pod, n]) => (pods.get(pod)?.zone === zone ? n : 0))),
  );
  return sum(own) / total(reading);
}

/** For each client zone, the part of its requests that the assignment gives to each pod zone. */
export type Assigned = ReadonlyMap<string, ReadonlyMap<string, number>>;

const MOST_SKEW = 1.25;
/** Chance, and windows that do not end at the same instant, make a little more than the assignments do. */
const SKEW_NOISE = 1.05;
const MOST_OFF = 0.03;
/** With few requests, chance alone makes more than that: four standard deviations of so many throws. */
const tolerance = (part: number, requests: number): number =>
  Math.max(MOST_OFF, 4 * Math.sqrt((part * (1 - part)) / Math.max(1, requests)));

const percent = (part: number): string => `${(100 * part).toFixed(1)} %`;

function sharesOff(steady: Reading, pods: Pods, assigned: Assigned): string[] {
  return [...assigned].flatMap(([from, wanted]) => {
    const answers = steady.get(from) ?? NO_ANSWERS;
    const actual = shares(answers, pods);
    return [...new Set([...wanted.keys(), ...actual.keys()])].flatMap((to) => {
      const [part, aim] = [actual.get(to) ?? 0, wanted.get(to) ?? 0];
      if (Math.abs(part - aim) <= tolerance(aim, answered(answers))) return [];
      return [`${from} sent ${percent(part)} to ${to}, and its assignment says ${percent(aim)}`];
    });
  });
}

/**
 * The skew that the assignments themselves make of so many requests per second from each zone. It is 1 when they know how the
 * requests are spread; just after the start they may know only of the first clients.
 */
export function skewAsAssigned(assigned: Assigned, rates: ReadonlyMap<string, number>, pods: Pods): number {
  const inZone = Map.groupBy(pods.values(), ({ zone }) => zone);
  const loads = [...inZone].map(([zone, there]) => {
    const load = sum([...rates].map(([from, rate]) => rate * (assigned.get(from)?.get(zone) ?? 0)));
    return load / there.length;
  });
  return (Math.max(...loads) * pods.size) / sum(rates.values());
}

export interface Measured {
  /** While nothing changed. */
  readonly steady: Reading;
  readonly pods: Pods;
  readonly assigned: Assigned;
  /** The skew that the assignments make. */
  readonly asAssigned: number;
  /** From the start to the end. */
  readonly all: Reading;
}

/** What did not hold of all that evenkeel promises; nothing when it did. */
export function broken({ steady, pods, assigned, asAssigned, all }: Measured): readonly string[] {
  const uneven = skew(steady, pods);
  const most = Math.max(MOST_SKEW, asAssigned * SKEW_NOISE);
  const failed = failures(all);
  const errors = [...all.values()].flatMap(({ error }) => (error ? [error] : []));
  return [
    ...(failed === 0 ? [] : [`${failed} requests failed, such as: ${errors[0]}`]),
    ...(uneven <= most
      ? []
      : [`the busiest pod had ${uneven.toFixed(2)} times the average, more than ${most.toFixed(2)}`]),
    ...sharesOff(steady, pods, assigned),
  ];
}
