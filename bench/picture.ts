/** Bars as an SVG that is legible on light and dark pages. */

interface Bar {
  /** Of one of the colours' names. */
  readonly name: string;
  /** From 0 on. */
  readonly value: number;
  /** What is written at its end. */
  readonly text: string;
}

/** Bars that are compared with each other. */
interface Group {
  readonly title: string;
  readonly bars: readonly Bar[];
}

interface Picture {
  readonly title: string;
  /** What each name of a bar is drawn in, in the order of the legend. */
  readonly colours: Readonly<Record<string, string>>;
  readonly groups: readonly Group[];
  /** A longer bar ends here; its text says its value. */
  readonly longest: number;
}

const WIDTH = 640;
const LEFT = 160;
const LONGEST = WIDTH - LEFT - 80;
const BAR = 11;
const STEP = BAR + 2;
const GAP = 10;
const TOP = 52;
/** As far from white as from black. */
const INK = "#77808a";

const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

const textAt = (x: number, y: number, text: string, more = ""): string =>
  `<text x="${x}" y="${y}"${more}>${escaped(text)}</text>`;

function legend(colours: Picture["colours"]): readonly string[] {
  const width = WIDTH / Object.keys(colours).length;
  return Object.entries(colours).flatMap(([name, colour], at) => [
    `<rect x="${at * width}" y="26" width="${BAR}" height="${BAR}" fill="${colour}"/>`,
    textAt(at * width + BAR + 5, 35, name),
  ]);
}

function drawnBar({ name, value, text }: Bar, y: number, { colours, longest }: Picture): readonly string[] {
  const length = Math.round((Math.min(value, longest) / longest) * LONGEST);
  return [
    `<rect x="${LEFT}" y="${y}" width="${length}" height="${BAR}" fill="${colours[name] ?? INK}"/>`,
    textAt(LEFT + length + 5, y + BAR - 2, text),
  ];
}

/** Groups from top to bottom, and in each its bars. */
function picture(drawn: Picture): string {
  let y = TOP;
  const bars = drawn.groups.flatMap((group) => {
    const top = y;
    y += group.bars.length * STEP + GAP;
    const middle = (top + y - GAP) / 2 + 3;
    return [
      textAt(LEFT - 10, middle, group.title, ` text-anchor="end"`),
      ...group.bars.flatMap((bar, at) => drawnBar(bar, top + at * STEP, drawn)),
    ];
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" font-family="sans-serif" font-size="11" fill="${INK}">`,
    `<title>${escaped(drawn.title)}</title>`,
    textAt(0, 13, drawn.title, ` font-size="13" font-weight="bold"`),
    ...legend(drawn.colours),
    ...bars,
    "</svg>",
    "",
  ].join("\n");
}

export interface Drawn<Row> extends Pick<Picture, "title" | "colours" | "longest"> {
  /** In `colours`. */
  readonly nameOf: (row: Row) => string;
  /** NaN where nothing could be measured. */
  readonly measured: (row: Row) => number;
}

/** A bar for each row, those of one scenario together. */
export function pictureOf<Row extends { readonly scenario: string }>(
  rows: readonly Row[],
  { nameOf, measured, ...more }: Drawn<Row>,
): string {
  const barOf = (row: Row): Bar => {
    const value = measured(row);
    return Number.isNaN(value)
      ? { name: nameOf(row), value: 0, text: "none" }
      : { name: nameOf(row), value, text: value.toPrecision(3) };
  };
  const groups = [...Map.groupBy(rows, ({ scenario }) => scenario)].map(([title, own]) => ({
    title,
    bars: own.map(barOf),
  }));
  return picture({ ...more, groups });
}
