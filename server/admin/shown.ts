/** How times and texts are shown. */

/** To the millisecond; never negative, since clocks are set back. */
export const secondsSince = (at: number, now: number): number => Math.max(0, Math.round(now - at)) / 1000;

export const iso = (at: number): string => new Date(at).toISOString();

const MOST_CHARACTERS = 1000;

/** Clients choose names and ids, so a long one is cut. */
export const cut = (text: string): string =>
  text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text;

/** The key under its name, or nothing at all: optional fields are absent, never undefined. */
export const optional = <K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } =>
  value === undefined ? {} : ({ [key]: value } as { readonly [P in K]?: V });

/** Of a part of one, to the hundredth. */
export const percent = (part: number): number => Math.round(part * 10_000) / 100;
