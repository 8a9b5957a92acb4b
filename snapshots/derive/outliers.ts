/** What `evenkeel.dev/outlier-detection` may say. */
import type { Annotation } from "./annotations.ts";
import type { OutlierDetection } from "./model.ts";
import { duration, listed, MAX_UINT32, percentage, wholeNumber } from "./quantity.ts";

/** As gRPC and Envoy have them, but that failures count: of their own accord they only look at how far one is from the mean. */
const DEFAULTS: OutlierDetection = {
  failurePercent: 85,
  minRequests: 50,
  minEndpoints: 5,
  intervalMs: 10_000,
  ejectionMs: 30_000,
  maxEjectedPercent: 10,
};

type Form = Pick<Annotation<number>, "parse">;

const SETTINGS: ReadonlyMap<string, readonly [field: keyof OutlierDetection, form: Form]> = new Map([
  ["failures", ["failurePercent", percentage]],
  ["requests", ["minRequests", wholeNumber(1, MAX_UINT32)]],
  ["endpoints", ["minEndpoints", wholeNumber(1, MAX_UINT32)]],
  ["interval", ["intervalMs", duration]],
  ["ejection", ["ejectionMs", duration]],
  ["most", ["maxEjectedPercent", percentage]],
]);

/** One `name=value`. */
function settingIn(text: string): readonly [keyof OutlierDetection, number] | undefined {
  const [name = "", value = "", ...more] = text.split("=");
  const [field, form] = SETTINGS.get(name) ?? [];
  const number = form?.parse(value);
  return field === undefined || number === undefined || more.length > 0 ? undefined : [field, number];
}

function parse(text: string): OutlierDetection | undefined {
  if (text === "default") return DEFAULTS;
  const parts = listed(text);
  const settings = parts.map(settingIn).filter((setting) => setting !== undefined);
  const isWhole = settings.length === parts.length && new Set(settings.map(([field]) => field)).size === parts.length;
  return isWhole ? { ...DEFAULTS, ...Object.fromEntries(settings) } : undefined;
}

export const outlierDetection: Pick<Annotation<OutlierDetection>, "allowed" | "parse"> = {
  allowed: `default, or some of ${[...SETTINGS.keys()].join(", ")}, such as failures=50%,requests=20,endpoints=3,interval=5s,ejection=30s,most=20%`,
  parse,
};
