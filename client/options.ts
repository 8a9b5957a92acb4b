import { byLoad } from "./pick/by-load.ts";
import { leastRequest } from "./pick/least-request.ts";
import { random } from "./pick/random.ts";
import { roundRobin } from "./pick/round-robin.ts";
import type { Strategy } from "./pick/strategy.ts";

/** How a pod is chosen inside a locality. */
export type StrategyOption =
  | "p2c"
  | "round_robin"
  | "random"
  | "orca"
  | { readonly leastRequest: number }
  | { readonly name: string; readonly create: Strategy };

/** All of it optional; for every channel with `register`, for one with the channel option `evenkeel.options`. */
export interface ClientOptions {
  /** `p2c` unless told otherwise. */
  readonly strategy?: StrategyOption;
  /** Makes pods that fail more than others less likely; on by default, with a half-life of 10,000 ms. */
  readonly errorBias?: boolean | { readonly halfLifeMs: number };
  /** A rising share for pods that come later; on by default, over 10,000 ms. */
  readonly slowStart?: boolean | { readonly windowMs: number };
  /** The most pods of a priority to connect to; all by default. */
  readonly maxConnections?: number;
  /** The number of this client among its equals, from 0 on: with it, subsets cover all pods evenly. */
  readonly clientIndex?: number;
  /** How long a priority may take to connect before the next is used; 10,000 ms by default. */
  readonly failoverMs?: number;
  /** Reports to the server how many requests went to which locality (LRS); off by default. */
  readonly loadReports?: boolean;
}

export interface Settings {
  readonly strategy: { readonly name: string; readonly create: Strategy };
  /** 0 is off. */
  readonly errorHalfLifeMs: number;
  /** 0 is off. */
  readonly slowStartMs: number;
  readonly maxConnections: number;
  readonly clientIndex: number | undefined;
  readonly failoverMs: number;
  readonly loadReports: boolean;
}

const KNOWN = ["strategy", "errorBias", "slowStart", "maxConnections", "clientIndex", "failoverMs", "loadReports"];
const STRATEGIES = { p2c: leastRequest(2), round_robin: roundRobin, random, orca: byLoad } as const;
const DAY_MS = 86_400_000;

const shown = (value: unknown): string => JSON.stringify(value) ?? String(value);

/** A whole number in that range, or an error that says what is allowed. */
export function wholeNumber(name: string, value: unknown, min: number, max: number): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= min && value <= max) return value;
  throw new RangeError(`evenkeel-client: ${name} must be an integer from ${min} to ${max}, not ${shown(value)}`);
}

/** True or false, which it is by default. */
export function flag(name: string, value: unknown): boolean {
  if (value === undefined || typeof value === "boolean") return value ?? false;
  throw new TypeError(`evenkeel-client: ${name} must be true or false, not ${shown(value)}`);
}

function strategyOf(option: unknown): Settings["strategy"] {
  if (typeof option === "string" && Object.hasOwn(STRATEGIES, option))
    return { name: option, create: STRATEGIES[option as keyof typeof STRATEGIES] };
  if (typeof option === "object" && option !== null) {
    const { leastRequest: choices, name, create } = option as Record<string, unknown>;
    if (choices !== undefined)
      return { name: "least_request", create: leastRequest(wholeNumber("strategy.leastRequest", choices, 2, 10)) };
    if (typeof name === "string" && typeof create === "function") return { name, create: create as Strategy };
  }
  const names = Object.keys(STRATEGIES).map(shown).join(", ");
  throw new TypeError(
    `evenkeel-client: strategy must be ${names}, { leastRequest: 2 to 10 } or { name, create }, not ${shown(option)}`,
  );
}

interface Timed {
  readonly name: string;
  readonly key: string;
  readonly fallbackMs: number;
}

/** Off, on with a default, or on with a time. */
function timeOf(option: unknown, { name, key, fallbackMs }: Timed): number {
  if (option === undefined || option === true) return fallbackMs;
  if (option === false) return 0;
  if (typeof option === "object" && option !== null)
    return wholeNumber(`${name}.${key}`, (option as Record<string, unknown>)[key], 1, DAY_MS);
  throw new TypeError(`evenkeel-client: ${name} must be true, false or { ${key} }, not ${shown(option)}`);
}

/** Refuses what is unknown, since a misspelt option would otherwise have no effect and say nothing. */
function onlyKnown(options: object): void {
  for (const key of Object.keys(options))
    if (!KNOWN.includes(key))
      throw new TypeError(`evenkeel-client: there is no option ${shown(key)}; there are ${KNOWN.join(", ")}`);
}

/** Options made whole; throws what is wrong with them, and what is allowed. */
export function settingsOf(options: ClientOptions): Settings {
  onlyKnown(options);
  const { maxConnections, clientIndex, failoverMs = 10_000 } = options;
  return {
    strategy: strategyOf(options.strategy ?? "p2c"),
    errorHalfLifeMs: timeOf(options.errorBias, { name: "errorBias", key: "halfLifeMs", fallbackMs: 10_000 }),
    slowStartMs: timeOf(options.slowStart, { name: "slowStart", key: "windowMs", fallbackMs: 10_000 }),
    maxConnections:
      maxConnections === undefined ? Number.POSITIVE_INFINITY : wholeNumber("maxConnections", maxConnections, 1, 1e6),
    clientIndex: clientIndex === undefined ? undefined : wholeNumber("clientIndex", clientIndex, 0, 1e9),
    failoverMs: wholeNumber("failoverMs", failoverMs, 1, DAY_MS),
    loadReports: flag("loadReports", options.loadReports),
  };
}
