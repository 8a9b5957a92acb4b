/** What is to be imagined, as a file and flags say it → the body of the question. It is checked by who answers. */
import type { FlagKind, Flags } from "../server/flags.ts";
import type { Found } from "../server/sources/manifests/parse.ts";

/** `POST /v1/simulate` takes these; a file may have written anything in them. */
export type Body = Readonly<Record<string, unknown>>;

export const WHAT_IF_FLAGS = {
  file: "value",
  "zone-gone": "values",
  scale: "values",
  clients: "value",
  service: "values",
} as const satisfies Readonly<Record<string, FlagKind>>;

const isRecord = (value: unknown): value is Body =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Lists one after the other, mappings joined. What is neither stays as it is, for whoever checks it to say so. */
function joined(first: unknown, second: unknown): unknown {
  if (first === undefined) return second;
  if (Array.isArray(first) && Array.isArray(second)) return [...first, ...second];
  return isRecord(first) && isRecord(second) ? { ...first, ...second } : first;
}

/** Both; where they contradict each other, as the second says. */
export const merged = (first: Body, second: Body): Body => ({
  ...first,
  ...Object.fromEntries(Object.entries(second).map(([key, value]) => [key, joined(first[key], value)])),
});

/** What a file says: Kubernetes objects, each a document of its own, and at most one document of no kind that says the rest. */
export function bodyOfFile(values: readonly Found[]): Body | string {
  const { objects = [], others = [] } = Object.groupBy(values, ({ value }) =>
    isRecord(value) && "kind" in value ? "objects" : "others",
  );
  const [own, second] = others;
  if (second !== undefined) return `${second.place}: a second document without a kind; the first is at ${own?.place}`;
  if (own !== undefined && !isRecord(own.value)) return `${own.place}: neither an object nor what is to be imagined`;
  const said = isRecord(own?.value) ? own.value : {};
  return objects.length === 0 ? said : merged(said, { objects: objects.map(({ value }) => value) });
}

const SCALE = /^([^:=]+)(?::([^=]+))?=(\d{1,9})$/;

function scalingOf(text: string): Body | string {
  const [, service, zone, to] = SCALE.exec(text) ?? [];
  if (service === undefined) return `--scale must be NAMESPACE/NAME:ZONE=N, not "${text}"`;
  return { service, ...(zone !== undefined && { zone }), to: Number(to) };
}

function clientsOf(text: string): readonly (readonly [string, number])[] | string {
  const parts = text.split(",").map((part) => /^([^=]+)=(\d{1,9})$/.exec(part.trim()));
  const counts = parts.flatMap((part) => (part === null ? [] : [[part[1] ?? "", Number(part[2])] as const]));
  return counts.length === parts.length ? counts : `--clients must be ZONE=N,ZONE=N, not "${text}"`;
}

const isText = (value: unknown): value is string => typeof value === "string";

/** What flags say, or all that is wrong with them. */
export function bodyOfFlags({ given }: Flags): Body | readonly string[] {
  const scale = (given.get("scale") ?? []).map(scalingOf);
  const clients = (given.get("clients") ?? []).map(clientsOf);
  const problems = [...scale, ...clients].filter(isText);
  if (problems.length > 0) return problems;
  const counts = clients.flatMap((one) => (isText(one) ? [] : one));
  const said = { zonesGone: given.get("zone-gone"), scale, services: given.get("service") };
  const lists = Object.entries(said).filter(([, list = []]) => list.length > 0);
  return { ...Object.fromEntries(lists), ...(counts.length > 0 && { clients: Object.fromEntries(counts) }) };
}
