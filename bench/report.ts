/** Figures as text: a table for the terminal, one for the documentation. */
import { cpus, loadavg } from "node:os";
import { type Figure, type Unit, verdict } from "./figure.ts";

/** What one measure found. */
export interface Found {
  readonly name: string;
  readonly figures: readonly Figure[];
}

const DIGITS: Readonly<Record<Unit, number>> = { us: 1, ms: 3, s: 2, KiB: 1, x: 2, count: 0 };

const amount = (value: number, unit: Unit): string => {
  const digits = DIGITS[unit];
  const text = value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return unit === "count" ? text : `${text} ${unit}`;
};

/** An aim is a round number. */
const aimText = ({ aim, unit }: Figure): string =>
  aim === undefined ? "" : `<= ${aim}${unit === "count" ? "" : ` ${unit}`}`;

type Row = readonly [name: string, what: string, value: string, aim: string, verdict: string];

const HEAD: Row = ["measure", "what", "value", "aim", ""];

const rowsOf = (all: readonly Found[]): readonly Row[] =>
  all.flatMap(({ name, figures }) =>
    figures.map(
      (figure): Row => [name, figure.what, amount(figure.value, figure.unit), aimText(figure), verdict(figure)],
    ),
  );

const [loadBefore = 0] = loadavg();

/** The machine that the figures are of, and how busy it was with other things before. */
export const machine = (): string => {
  const load = `load average ${loadBefore.toFixed(1)} before the run`;
  return `${cpus().length} cores (${cpus()[0]?.model.trim()}), Node ${process.versions.node}, ${load}`;
};

export function textTable(all: readonly Found[]): string {
  const rows = [HEAD, ...rowsOf(all)];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

const markdownTable = (all: readonly Found[]): string =>
  [HEAD, HEAD.map(() => "---"), ...rowsOf(all)].map((row) => `| ${row.join(" | ")} |`).join("\n");

const BEGIN = "<!-- figures: written by npm run bench -- --write-docs -->";
const END = "<!-- end of figures -->";

/** The documentation with its figures replaced. */
export function withFigures(page: string, all: readonly Found[]): string {
  const start = page.indexOf(BEGIN);
  const end = page.indexOf(END);
  if (start < 0 || end < start) throw new Error(`the page has no place for figures: ${BEGIN} … ${END}`);
  const figures = `${BEGIN}\n\n${machine()}\n\n${markdownTable(all)}\n\n`;
  return page.slice(0, start) + figures + page.slice(end);
}
