/** What is tried, with real pods and in the simulation alike. */

/** What happens to pods while requests flow. */
export type Change = "zone lost" | "rolling deploy" | "scale up";

export interface Scenario {
  readonly name: string;
  /** How many times as many clients the first zone has as each other. */
  readonly heavy: number;
  /** How many times slower one pod in twelve is. */
  readonly slow: number;
  readonly change?: Change;
}

const even = { heavy: 1, slow: 1 };

export const EVEN: Scenario = { ...even, name: "even demand" };
export const HEAVY: Scenario = { ...even, name: "one zone 5x demand", heavy: 5 };
export const LOST: Scenario = { ...even, name: "one zone lost", change: "zone lost" };

export const SCENARIOS: readonly Scenario[] = [
  EVEN,
  HEAVY,
  LOST,
  { ...even, name: "rolling deploy", change: "rolling deploy" },
  { ...even, name: "one pod in 12 2.5x slower", slow: 2.5 },
  { ...even, name: "scale up by half", change: "scale up" },
];

/** How requests find a pod. */
export type Policy = "evenkeel" | "plain connections" | "DNS round robin" | "own zone first";

/** With the colour that each is drawn in. */
export const COLOURS: Readonly<Record<Policy, string>> = {
  evenkeel: "#1a6fc2",
  "plain connections": "#c2571a",
  "DNS round robin": "#8a8f98",
  "own zone first": "#3f9b4f",
};

export const POLICIES = Object.keys(COLOURS) as readonly Policy[];

/** What one policy made of one scenario. */
export interface Row {
  readonly scenario: string;
  readonly policy: Policy;
  readonly requests: number;
  readonly failed: number;
  /** What one of those that failed said. */
  readonly error?: string;
  /** Of all that were answered. */
  readonly p99Ms: number;
  /** Requests of the busiest pod divided by the average, while nothing changes. */
  readonly maxOverAverage: number;
  /** The part of the requests that were answered in their own zone, while nothing changes. */
  readonly localShare: number;
  /** The greatest such part with which every pod gets the same. */
  readonly bound: number;
}

/** Each client's zone, so many in each but the heavy one. */
export const clientZones = <Z>(zones: readonly Z[], perZone: number, { heavy }: Scenario): readonly Z[] =>
  zones.flatMap((zone, i) => new Array<Z>(i === 0 ? heavy * perZone : perZone).fill(zone));
