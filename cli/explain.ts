/** Who serves a client and why, as lines for people. */

import type { ErrorAnswer } from "../server/admin/api.ts";
import type { ResolveAnswer } from "../server/admin/api-resolve.ts";

type Row = readonly string[];

/** Columns side by side, each as wide as its widest cell, under their titles. */
function table(titles: Row, rows: readonly Row[]): readonly string[] {
  const all = [titles, ...rows];
  const widths = titles.map((_, column) => Math.max(...all.map((row) => (row[column] ?? "").length)));
  return all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

const zoneName = ({ region, zone }: { readonly region: string; readonly zone: string }): string =>
  zone === "" ? "no zone" : [region, zone].filter((part) => part !== "").join("/");

const clients = ({ kind, zone, node }: ResolveAnswer["seenBy"]): string =>
  `${kind} clients in ${zone === undefined ? "an unknown zone" : `zone ${zoneName(zone)}`}${node === undefined ? "" : `, on node ${node}`}`;

function assignmentLines({ localities }: ResolveAnswer): readonly string[] {
  if (localities.length === 0) return ["no endpoint can serve them"];
  const rows = localities.map((one) => [
    String(one.priority),
    one.subZone === undefined ? zoneName(one) : `${zoneName(one)} (${one.subZone})`,
    String(one.weight),
    `${one.percent}%`,
    String(one.endpoints.length),
    one.reason,
  ]);
  return table(["priority", "zone", "weight", "share", "endpoints", "why"], rows);
}

const zoneLines = ({ zones }: ResolveAnswer): readonly string[] =>
  table(
    ["zone", "demand", "capacity"],
    zones.map((one) => [
      zoneName(one),
      one.demandPercent === undefined ? "-" : `${one.demandPercent}%`,
      `${one.capacityPercent}%`,
    ]),
  );

const leftOutLines = ({ leftOut }: ResolveAnswer): readonly string[] =>
  table(
    ["left out", "why"],
    leftOut.map(({ address, port, why }) => [port === undefined ? address : `${address} port ${port}`, why]),
  );

/** A text of several paragraphs; what there is nothing of is not in it. */
export function explained(answer: ResolveAnswer): string {
  const { resourceName, seenBy, mode, modeFrom, problem, localPercent, zones, leftOut } = answer;
  const paragraphs = [
    [
      `${resourceName} for ${clients(seenBy)}`,
      `mode ${mode}, by ${modeFrom}`,
      ...(localPercent === undefined ? [] : [`${localPercent}% of their requests stay in their zone`]),
      ...(problem === undefined ? [] : [`problem: ${problem.message} (${problem.code})`]),
    ],
    assignmentLines(answer),
    ...(zones.length === 0 ? [] : [zoneLines(answer)]),
    ...(leftOut.length === 0 ? [] : [leftOutLines(answer)]),
  ];
  return paragraphs.map((lines) => `${lines.join("\n")}\n`).join("\n");
}

/** Why there is no answer, and what was perhaps meant. */
export function unexplained({ error: { message, nearest = [] } }: ErrorAnswer): string {
  return nearest.length === 0 ? message : `${message}\nnearest: ${nearest.join(", ")}`;
}
