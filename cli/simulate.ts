/** What would be if something were otherwise, as lines for people. */
import type { ErrorAnswer } from "../server/admin/api.ts";
import type { SimulateAnswer } from "../server/admin/api-simulate.ts";
import { paragraphs, type Row, table, zoneName } from "./table.ts";

type Port = SimulateAnswer["ports"][number];
type Side = NonNullable<Port["before"]>;
type Zone = Parameters<typeof zoneName>[0];

const NOTHING = "-";

/** One text where nothing changes, else both. */
const change = (before = NOTHING, after = NOTHING): string => (before === after ? before : `${before} → ${after}`);

const percentText = (value: number | undefined): string | undefined => (value === undefined ? undefined : `${value}%`);

/** Under their names, of both sides. */
function both<T>(
  { before, after }: Port,
  read: (side: Side) => readonly T[],
  nameOf: (one: T) => string,
): ReadonlyMap<string, readonly [before: T | undefined, after: T | undefined]> {
  const [first, second] = [before, after].map(
    (side) => new Map((side === undefined ? [] : read(side)).map((one) => [nameOf(one), one])),
  );
  const names = new Set([...(first?.keys() ?? []), ...(second?.keys() ?? [])]);
  return new Map([...names].map((name) => [name, [first?.get(name), second?.get(name)]]));
}

const modeText = ({ mode, modeFrom }: Side): string => `mode ${mode}, by ${modeFrom}`;

/** The loads of the endpoints with least and with most. */
const loadText = ({ leastPercent, mostPercent }: Side): string | undefined => {
  if (leastPercent === undefined || mostPercent === undefined) return undefined;
  return leastPercent === mostPercent ? `${mostPercent}%` : `${leastPercent}% to ${mostPercent}%`;
};

function figures({ before, after }: Port): readonly string[] {
  const row = (title: string, read: (side: Side) => string | undefined): Row => [
    title,
    (before && read(before)) ?? NOTHING,
    (after && read(after)) ?? NOTHING,
  ];
  return table(
    ["", "before", "after"],
    [
      row("endpoints", ({ endpoints }) => String(endpoints)),
      row("load of one, where 100% is even", loadText),
      row("leaves its zone", ({ crossZonePercent }) => percentText(crossZonePercent)),
      row("leaves its region", ({ crossRegionPercent }) => percentText(crossRegionPercent)),
    ],
  );
}

function zoneLines(port: Port): readonly string[] {
  const zones = both(port, (side) => side.zones, zoneName);
  const rows = [...zones].map(([name, [before, after]]) => [
    name,
    change(before && String(before.endpoints), after && String(after.endpoints)),
    change(percentText(before?.loadPercent), percentText(after?.loadPercent)),
  ]);
  return rows.length === 0 ? [] : table(["endpoints in", "how many", "load of one"], rows);
}

/** Clients of each zone in a row, what serves them in columns. */
function matrix(port: Port): readonly string[] {
  const rows = both(
    port,
    (side) => side.flow,
    ({ from }) => zoneName(from),
  );
  const sides = [port.before, port.after].flatMap((side) => side?.flow ?? []);
  const columns = [...new Set(sides.flatMap(({ to }) => to.map(zoneName)))].toSorted();
  const cell = (row: Side["flow"][number] | undefined, name: string): string | undefined =>
    percentText(row?.to.find((zone: Zone) => zoneName(zone) === name)?.percent);
  return rows.size === 0
    ? []
    : table(
        ["clients in", "ask", ...columns.map((name) => `of ${name}`)],
        [...rows].map(([name, [before, after]]) => [
          name,
          change(percentText(before?.demandPercent), percentText(after?.demandPercent)),
          ...columns.map((column) => change(cell(before, column), cell(after, column))),
        ]),
      );
}

function portParagraphs(port: Port): readonly (readonly string[])[] {
  const { before, after, resourceName, notes } = port;
  const modes = change(before && modeText(before), after && modeText(after));
  return [[`${resourceName}: ${modes}`, ...notes], figures(port), zoneLines(port), matrix(port)];
}

const times = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;

function pushLine({ connected, pushes }: SimulateAnswer): string {
  const types = pushes.byType.map(({ type, streams }) => `${type} ${streams}`).join(", ");
  return `${pushes.streams} of ${times(connected, "stream")} would be sent something${types === "" ? "" : ` (${types})`}`;
}

/** In full what would change, and the names of the rest. `isOffline`: nobody can be connected. */
export function simulated(answer: SimulateAnswer, isOffline: boolean): string {
  const { ports, passedOver, problems } = answer;
  const { changed = [], same = [] } = Object.groupBy(ports, (port) => (port.changed ? "changed" : "same"));
  return paragraphs([
    [
      `${changed.length} of ${times(ports.length, "Service port")} would change`,
      isOffline ? "whom it is sent to cannot be told: nobody is connected to manifests" : pushLine(answer),
      ...(passedOver === 0 ? [] : [`${times(passedOver, "other Service")} would be touched, and not looked at here`]),
      ...problems.map(({ object, code, message }) => `problem: ${object}: ${message} (${code})`),
    ],
    ...changed.flatMap(portParagraphs),
    same.length === 0
      ? []
      : [
          "unchanged:",
          ...same.flatMap(({ resourceName, notes }) => [`  ${resourceName}`, ...notes.map((note) => `    ${note}`)]),
        ],
  ]);
}

/** Why there is no answer, and what there is. */
export function notSimulated({ error: { message, allowed = [], nearest = [] } }: ErrorAnswer): string {
  const listed = (title: string, names: readonly string[]): readonly string[] =>
    names.length === 0 ? [] : [`${title}: ${names.join(", ")}`];
  return [message, ...listed("nearest", nearest), ...listed("allowed", allowed)].join("\n");
}
