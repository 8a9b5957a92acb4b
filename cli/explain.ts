/** Who serves a client and why, as lines for people. */

import type { ErrorAnswer } from "../server/admin/api.ts";
import type { ResolveAnswer } from "../server/admin/api-resolve.ts";
import { paragraphs, table, zoneName } from "./table.ts";

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
  return paragraphs([
    [
      `${resourceName} for ${clients(seenBy)}`,
      `mode ${mode}, by ${modeFrom}`,
      ...(localPercent === undefined ? [] : [`${localPercent}% of their requests stay in their zone`]),
      ...(problem === undefined ? [] : [`problem: ${problem.message} (${problem.code})`]),
    ],
    assignmentLines(answer),
    zones.length === 0 ? [] : zoneLines(answer),
    leftOut.length === 0 ? [] : leftOutLines(answer),
  ]);
}

/** Why there is no answer, and what was perhaps meant. */
export function unexplained({ error: { message, nearest = [] } }: ErrorAnswer): string {
  return nearest.length === 0 ? message : `${message}\nnearest: ${nearest.join(", ")}`;
}
