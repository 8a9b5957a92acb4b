/** A command that compares ways of balancing: it prints tables, and puts them with pictures into a page. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { isBroken, judgedWhenTiny } from "./figure.ts";
import { type Found, figuresTable, machine, markdownTable, type Table, textTable, withFigures } from "./report.ts";

export interface Compared {
  /** Under titles. */
  readonly tables: Readonly<Record<string, Table>>;
  /** SVGs by the name of their file, each with what it shows. */
  readonly pictures: Readonly<Record<string, { readonly svg: string; readonly shows: string }>>;
  readonly found: readonly Found[];
  /** All that was measured, for programs. */
  readonly raw: unknown;
}

export type SizeName = "full" | "smoke";

interface Comparison {
  /** What `npm run` knows it as. */
  readonly command: string;
  /** In docs/. */
  readonly page: string;
  readonly about: string;
  /** Says on standard error what it is at. */
  measure(size: SizeName): Promise<Compared>;
}

const readFlags = () =>
  parseArgs({
    options: {
      smoke: { type: "boolean", default: false },
      json: { type: "string" },
      "write-docs": { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  }).values;

type Flags = ReturnType<typeof readFlags>;

const DOCS = fileURLToPath(new URL("../docs", import.meta.url));
const PICTURES = "pictures";

const helpOf = ({ command, about, page }: Comparison): string => `Usage: npm run ${command} -- [flags]

${about}

  --smoke       tiny sizes: only shows that everything runs; nothing is judged but what must not happen
  --json FILE   all that was measured in one file
  --write-docs  puts tables and pictures into docs/${page}
`;

const sections = ({ tables, found }: Compared, render: (table: Table) => string): string =>
  [...Object.entries(tables), ["Figures to reach", figuresTable(found)] as const]
    .map(([title, table]) => `**${title}**\n\n${render(table)}`)
    .join("\n\n");

function writeDocs({ command, page }: Comparison, compared: Compared): void {
  mkdirSync(path.join(DOCS, PICTURES), { recursive: true });
  const images = Object.entries(compared.pictures).map(([name, { svg, shows }]) => {
    writeFileSync(path.join(DOCS, PICTURES, name), svg);
    return `![${shows}](${PICTURES}/${name})`;
  });
  const file = path.join(DOCS, page);
  const text = [...images, sections(compared, markdownTable)].join("\n\n");
  writeFileSync(file, withFigures(readFileSync(file, "utf8"), command, text));
}

const plain = (_: string, value: unknown): unknown => (value instanceof Map ? Object.fromEntries(value) : value);

/** Says what was found, wherever it was asked for. The exit code: 1 if something that must not happen did. */
function report(comparison: Comparison, compared: Compared, { json, "write-docs": writesDocs }: Flags): 0 | 1 {
  const { raw, found } = compared;
  process.stdout.write(`${machine()}\n\n${sections(compared, textTable)}\n`);
  if (json !== undefined) writeFileSync(json, JSON.stringify({ machine: machine(), found, raw }, plain, 2));
  if (writesDocs) writeDocs(comparison, compared);
  return found.some(({ figures }) => figures.some(isBroken)) ? 1 : 0;
}

/** At tiny sizes there is little to compare, and nothing to judge but what must not happen. */
function whenTiny(compared: Compared): Compared {
  const judged = (figures: Found["figures"]): Found["figures"] =>
    figures.filter(({ value }) => !Number.isNaN(value)).map(judgedWhenTiny);
  return { ...compared, found: compared.found.map(({ name, figures }) => ({ name, figures: judged(figures) })) };
}

/** Runs it with the flags of this process, and gives the exit code. */
export async function compare(comparison: Comparison): Promise<0 | 1 | 2> {
  const flags = readFlags();
  const isWrong = flags.smoke && flags["write-docs"];
  if (flags.help || isWrong) {
    process.stderr.write(`${isWrong ? "--write-docs needs the full size\n" : ""}${helpOf(comparison)}`);
    return isWrong ? 2 : 0;
  }
  const compared = flags.smoke ? whenTiny(await comparison.measure("smoke")) : await comparison.measure("full");
  return report(comparison, compared, flags);
}
