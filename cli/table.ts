/** Rows → text. */

export type Row = readonly string[];

/** Columns side by side, each as wide as its widest cell, under their titles. */
export function table(titles: Row, rows: readonly Row[]): readonly string[] {
  const all = [titles, ...rows];
  const widths = titles.map((_, column) => Math.max(...all.map((row) => (row[column] ?? "").length)));
  return all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

/** Lines of each paragraph, which are not empty, with an empty line between two. */
export const paragraphs = (parts: readonly (readonly string[])[]): string =>
  parts
    .filter((lines) => lines.length > 0)
    .map((lines) => `${lines.join("\n")}\n`)
    .join("\n");

export const zoneName = ({ region, zone }: { readonly region: string; readonly zone: string }): string =>
  zone === "" ? "no zone" : [region, zone].filter((part) => part !== "").join("/");
