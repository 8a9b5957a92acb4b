/** How long to wait after that many failures in a row, in ms: 1 s, then 1.6 times longer up to 2 minutes, give or take a fifth. */
export function backoffMs(failures: number, random: () => number): number {
  const base = Math.min(120_000, 1000 * 1.6 ** Math.max(0, failures - 1));
  return base * (0.8 + 0.4 * random());
}
