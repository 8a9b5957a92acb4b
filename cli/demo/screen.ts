import type { Pod } from "./cluster.ts";
import {
  type Assigned,
  failures,
  NO_ANSWERS,
  ownZone,
  type Pods,
  perPod,
  type Reading,
  shares,
  skew,
  total,
  type Way,
} from "./figures.ts";

const percent = (part: number): string => `${(100 * part).toFixed(1)} %`;

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

/** Columns under a heading for each group. */
const grouped = (label: string, groups: readonly (readonly string[])[], gap: string): string =>
  `${label.padEnd(28)}${groups.map((cells) => cells.map((cell) => cell.padStart(9)).join(" ")).join(gap)}`.trimEnd();

const titled = (label: string, titles: readonly string[], cells: number, gap: string): string =>
  `${label.padEnd(28)}${titles.map((title) => title.padStart(10 * cells - 1)).join(gap)}`;

const GAP = "   |";

/** Which part of each client zone's requests each pod zone answered, beside what the assignments say. */
function pairLines(steady: Windows, pods: Pods, assigned: Assigned): string[] {
  const zones = [...new Set([...pods.values()].map(({ zone }) => zone))].toSorted();
  const measured = (way: Way, from: string) => shares(steady[way].get(from) ?? NO_ANSWERS, pods);
  const cells = (to: ReadonlyMap<string, number> | undefined) => zones.map((zone) => percent(to?.get(zone) ?? 0));
  const heading = zones.map((zone) => `to ${zone}`);
  return [
    titled("", ["over evenkeel", "as assigned", "over connections"], zones.length, GAP),
    grouped("requests answered", [heading, heading, heading], GAP),
    ...zones.map((from) => {
      const groups = [measured("evenkeel", from), assigned.get(from), measured("connections", from)].map(cells);
      return grouped(`from ${from}`, groups, GAP);
    }),
  ];
}

function perPodLines({ settled, pods }: Act, chance: number): string[] {
  const counts = WAYS.map((way) => perPod(settled[way]));
  const uneven = WAYS.map((way) => [skew(settled[way], pods).toFixed(2)]);
  return [
    titled("requests answered", ["over evenkeel", "over connections"], 2, GAP),
    ...[...pods.keys()].map((name) =>
      grouped(
        name,
        counts.map((byPod) => ["", String(byPod.get(name) ?? 0)]),
        GAP,
      ),
    ),
    `${grouped(
      "skew: busiest / average",
      uneven.map((cells) => ["", ...cells]),
      GAP,
    )}   (chance gives ${chance.toFixed(2)} on average)`,
  ];
}

function actLines(acts: readonly Act[]): string[] {
  const cells = ({ all, settled, pods }: Act, way: Way): string[] => [
    String(total(all[way])),
    String(failures(all[way])),
    skew(settled[way], pods).toFixed(2),
  ];
  return [
    titled("", ["over evenkeel", "over connections"], 3, GAP),
    grouped(
      "",
      [
        ["requests", "failed", "skew"],
        ["requests", "failed", "skew"],
      ],
      GAP,
    ),
    ...acts.map((act) =>
      grouped(
        act.title,
        WAYS.map((way) => cells(act, way)),
        GAP,
      ),
    ),
  ];
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
  return [
    `While nothing changed (${steady.title}):`,
    "",
    ...perPodLines(steady, chance),
    "",
    ...pairLines(steady.settled, steady.pods, assigned),
    "",
    "All that happened:",
    "",
    ...actLines(acts),
    "",
    "Over connections: the clients of each zone keep four to the Service. As kube-proxy does it, each is given one ready pod",
    "at random when it is opened (the same throws in every run), and stays there. No zone is preferred.",
    "",
    ...(broken.length === 0 ? ["All figures hold."] : broken.map((what) => `DOES NOT HOLD: ${what}`)),
  ];
}
