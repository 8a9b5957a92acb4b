import type { Pod } from "./cluster.ts";
import {
  type Assigned,
  failures,
  ownZone,
  type Pods,
  perPod,
  type Reading,
  shares,
  skew,
  total,
  type Way,
} from "./figures.ts";

export const percent = (part: number): string => `${(100 * part).toFixed(1)} %`;

/** The same, for where there may have been no requests. */
const some = (value: number, text: (value: number) => string): string => (Number.isFinite(value) ? text(value) : "-");

const BAR = 24;
const bar = (n: number, most: number): string => "█".repeat(Math.round((BAR * n) / Math.max(1, most)));

const WAYS: readonly Way[] = ["evenkeel", "connections"];

/** One window of time, over both ways. */
export type Windows = Readonly<Record<Way, Reading>>;

export interface Moment {
  readonly seconds: number;
  readonly title: string;
  readonly admin: string;
  readonly pods: readonly Pod[];
  /** The last second. */
  readonly lastSecond: Windows;
  /** Since the start. */
  readonly failed: Readonly<Record<Way, number>>;
}

const STATES = { ready: "", terminating: "leaving" } as const;

const ready = (pods: readonly Pod[]): Pods =>
  new Map(pods.filter(({ state }) => state === "ready").map((pod) => [pod.name, pod]));

function podLines({ pods, lastSecond }: Moment): string[] {
  const requests = WAYS.map((way) => perPod(lastSecond[way]));
  const most = Math.max(...requests.flatMap((byPod) => [...byPod.values()]));
  return pods.map(({ name, zone, state }) => {
    const cells = requests.map((byPod) => {
      const n = byPod.get(name) ?? 0;
      return `${String(n).padStart(5)} ${bar(n, most).padEnd(BAR)}`;
    });
    return `${zone.padEnd(6)} ${name.padEnd(16)} ${STATES[state].padEnd(8)}${cells.join("  ")}`.trimEnd();
  });
}

const row = (label: string, cells: readonly string[]): string =>
  `${label.padEnd(32)}${cells.map((cell) => cell.padStart(5).padEnd(BAR + 6)).join("  ")}`.trimEnd();

/** What a terminal shows, drawn again each second. */
export function liveLines(moment: Moment): readonly string[] {
  const { seconds, title, admin, pods, lastSecond, failed } = moment;
  const serving = ready(pods);
  return [
    `${String(seconds).padStart(3)} s  ${title}`,
    "",
    row("requests in the last second", ["over evenkeel", "over connections (a Service)"]),
    ...podLines(moment),
    "",
    row(
      "failed since the start",
      WAYS.map((way) => String(failed[way])),
    ),
    row(
      "skew: busiest / average pod",
      WAYS.map((way) => some(skew(lastSecond[way], serving), (x) => x.toFixed(2))),
    ),
    row(
      "answered in their own zone",
      WAYS.map((way) => some(ownZone(lastSecond[way], serving), percent)),
    ),
    "",
    `look inside: ${admin}/v1/services/default/greeter   ${admin}/v1/clients   ${admin}/metrics`,
  ];
}

/** The same in one line, for where nothing can be drawn over. */
export function plainLine({ seconds, title, pods, lastSecond, failed }: Moment): string {
  const serving = ready(pods);
  const cells = WAYS.map((way) => {
    const uneven = some(skew(lastSecond[way], serving), (x) => x.toFixed(2));
    return `${way}: ${total(lastSecond[way])} requests/s, skew ${uneven}, failed ${failed[way]}`;
  });
  return `${String(seconds).padStart(3)} s  ${title} | ${serving.size} pods | ${cells.join(" | ")}`;
}

const zoneCells = (zones: readonly string[], byZone: ReadonlyMap<string, number> | undefined): string =>
  zones.map((zone) => percent(byZone?.get(zone) ?? 0).padStart(10)).join("");

/** Which part of each client zone's requests each pod zone answered, beside what was asked for. */
function pairLines(steady: Windows, pods: Pods, assigned: Assigned): string[] {
  const zones = [...new Set([...pods.values()].map(({ zone }) => zone))].toSorted();
  const heading = zones.map((zone) => `to ${zone}`.padStart(10)).join("");
  const empty = { failed: 0, pods: {} };
  return [
    `${"requests".padEnd(14)}${heading}   | assigned${heading.slice(9)}   | over connections${heading.slice(17)}`,
    ...zones.map((from) => {
      const [measured, plain] = WAYS.map((way) => shares(steady[way].get(from) ?? empty, pods));
      const cells = [measured, assigned.get(from), plain].map((byZone) => zoneCells(zones, byZone));
      return `from ${from.padEnd(9)}${cells.join("   |")}`;
    }),
  ];
}

function perPodLines(steady: Windows, pods: Pods): string[] {
  const [mine, plain] = WAYS.map((way) => perPod(steady[way]));
  return [...pods].map(
    ([name, { zone }]) =>
      `${zone.padEnd(6)} ${name.padEnd(16)} ${String(mine?.get(name) ?? 0).padStart(8)} ${String(plain?.get(name) ?? 0).padStart(14)}`,
  );
}

export interface Act {
  readonly title: string;
  /** From the moment of the change. */
  readonly all: Windows;
  /** When it had taken effect. */
  readonly settled: Windows;
  /** Those that served all the time since. */
  readonly pods: Pods;
}

export interface Summary {
  readonly acts: readonly Act[];
  readonly steady: Act;
  readonly assigned: Assigned;
  /** Skew that chance gives connections, on average. */
  readonly chance: number;
  readonly broken: readonly string[];
}

/** All figures, at the end. */
export function summaryLines({ acts, steady, assigned, chance, broken }: Summary): readonly string[] {
  const { settled: windows, pods } = steady;
  const [mine, plain] = WAYS.map((way) => skew(windows[way], pods).toFixed(2));
  return [
    `While nothing changed (${steady.title}):`,
    "",
    `${"zone".padEnd(6)} ${"pod".padEnd(16)} ${"evenkeel".padStart(8)} ${"connections".padStart(14)}   requests answered`,
    ...perPodLines(windows, pods),
    `${"skew: busiest / average".padEnd(23)} ${String(mine).padStart(8)} ${String(plain).padStart(14)}   (chance gives connections ${chance.toFixed(2)} on average)`,
    "",
    ...pairLines(windows, pods, assigned),
    "",
    `${"what happened".padEnd(40)}${WAYS.map((way) => `${way}: requests, failed, skew`.padStart(36)).join("")}`,
    ...acts.map(({ title, all, settled, pods: there }) => {
      const cells = WAYS.map((way) =>
        `${total(all[way])}, ${failures(all[way])}, ${skew(settled[way], there).toFixed(2)}`.padStart(36),
      );
      return `${title.padEnd(40)}${cells.join("")}`;
    }),
    "",
    ...(broken.length === 0 ? ["All figures hold."] : broken.map((what) => `DOES NOT HOLD: ${what}`)),
  ];
}
