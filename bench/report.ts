/** Figures as text: a table for the terminal, one for the documentation. */
import { cpus, loadavg } from "node:os";
import { type Figure, type Unit, verdict } from "./figure.ts";

/** What one measure found. */
export interface Found {
  readonly name: string;
  readonly figures: readonly Figure[];
}

/** Rows of text under a head; all of them as long as it. */
export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** One column: its head, and what it says of a row. */
export type Column<Row> = readonly [head: string, cell: (row: Row) => string];

export const tableOf = <Row>(columns: readonly Column<Row>[], rows: readonly Row[]): Table => ({
  head: columns.map(([head]) => head),
  rows: rows.map((row) => columns.map(([, cell]) => cell(row))),
});

/** A dash stands for what could not be measured. */
export const shown = (value: number, digits: number): string => (Number.isNaN(value) ? "-" : value.toFixed(digits));

const DIGITS: Readonly<Record<Unit, number>> = { us: 1, ms: 3, s: 2, KiB: 1, x: 2, points: 1, count: 0 };

const amount = (value: number, unit: Unit): string => {
  const digits = DIGITS[unit];
  const text = value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return unit === "count" ? text : `${text} ${unit}`;
};

/** An aim is a round number. */
const aimText = ({ aim, unit }: Figure): string =>
  aim === undefined ? "" : `<= ${aim}${unit === "count" ? "" : ` ${unit}`}`;

/** Each figure beside its aim. */
export const figuresTable = (all: readonly Found[]): Table =>
  tableOf(
    [
      ["measure", ({ name }) => name],
      ["what", ({ what }) => what],
      ["value", ({ value, unit }) => amount(value, unit)],
      ["aim", aimText],
      ["", verdict],
    ],
    all.flatMap(({ name, figures }) => figures.map((figure) => ({ name, ...figure }))),
  );

const [loadBefore = 0] = loadavg();

/** The machine that the figures are of, and how busy it was with other things before. */
export const machine = (): string => {
  const load = `load average ${loadBefore.toFixed(1)} before the run`;
  return `${cpus().length} cores (${cpus()[0]?.model.trim()}), Node ${process.versions.node}, ${load}`;
};

export function textTable({ head, rows }: Table): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

export const markdownTable = ({ head, rows }: Table): string =>
  [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");

const END = "<!-- end of figures -->";

/** The documentation with what `npm run COMMAND -- --write-docs` found last replaced. */
export function withFigures(page: string, command: string, figures: string): string {
  const begin = `<!-- figures: written by npm run ${command} -- --write-docs -->`;
  const start = page.indexOf(begin);
  const end = page.indexOf(END, start);
  if (start < 0 || end < start) throw new Error(`the page has no place for figures: ${begin} … ${END}`);
  return `${page.slice(0, start)}${begin}\n\n${machine()}\n\n${figures}\n\n${page.slice(end)}`;
}
