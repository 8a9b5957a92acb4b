/** The sum of the series of a metric whose labels contain all of this text, such as `reason="expired"`. */
export function metricIn(text: string, name: string, ...labels: readonly string[]): number {
  const series = text.split("\n").filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
  return series
    .filter((line) => labels.every((label) => line.includes(label)))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" "))), 0);
}

/** The upper bound of the bucket that holds this part of the observations of a histogram's series with these labels; 0 without any. */
export function quantileIn(text: string, name: string, part: number, ...labels: readonly string[]): number {
  const bounds = [...text.matchAll(new RegExp(`^${name}_bucket\\{.*?le="([^"]+)"`, "gm"))].map(
    ([, bound = ""]) => bound,
  );
  const whole = metricIn(text, `${name}_count`, ...labels);
  const within = (bound: string): number => metricIn(text, `${name}_bucket`, `le="${bound}"`, ...labels);
  const found = [...new Set(bounds)].find((bound) => whole > 0 && within(bound) >= part * whole);
  return found === undefined ? 0 : Number(found.replace("+Inf", "Infinity"));
}
