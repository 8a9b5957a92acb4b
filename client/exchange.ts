import { bad, type Parsed } from "./parsed.ts";
import { isFullState, isTypeUrl, TYPE_URLS, type TypeUrl } from "./type-url.ts";

/** What is asked for of each type, sorted. */
export type Wanted = Readonly<Record<TypeUrl, readonly string[]>>;

interface Progress {
  /** Whether anything was asked for on this stream. */
  readonly asked: boolean;
  /** Of the last response that was accepted; kept over reconnects. */
  readonly version: string;
  readonly nonce: string;
  readonly names: readonly string[];
}

/** One server's side of state-of-the-world ADS, as a client sees it. */
interface ExchangeState {
  readonly open: boolean;
  readonly types: Readonly<Record<TypeUrl, Progress>>;
}

export interface Request {
  readonly typeUrl: TypeUrl;
  readonly names: readonly string[];
  readonly version: string;
  readonly nonce: string;
  /** What is wrong with the response that this refuses. */
  readonly refusal?: string;
}

interface Response {
  readonly typeUrl: string;
  readonly version: string;
  readonly nonce: string;
  readonly resources: readonly Packed[];
}

/** A resource as it comes. */
interface Packed {
  readonly typeUrl: string;
  readonly value: Uint8Array;
}

/** A message taken apart: its name, if it has one, and its content or what is wrong with it. */
export interface Decoded {
  readonly name: string;
  readonly content: Parsed<unknown>;
}
export type Decode = (typeUrl: TypeUrl, bytes: Uint8Array) => Decoded;

export interface Accepted {
  readonly content: unknown;
  readonly bytes: Uint8Array;
}

export type ExchangeEvent =
  | { readonly kind: "opened" }
  | { readonly kind: "closed" }
  | { readonly kind: "wanted"; readonly wanted: Wanted }
  | { readonly kind: "answered"; readonly response: Response };

/** What one response tells of resources that were asked for. */
export interface News {
  readonly typeUrl: TypeUrl;
  readonly version: string;
  readonly accepted: ReadonlyMap<string, Accepted>;
  readonly refused: ReadonlyMap<string, string>;
  /** Asked for, and not in a response that lists everything. */
  readonly lacking: readonly string[];
  /** The refusal sent to the server, if any resource of the response was bad. */
  readonly refusal?: string;
}

interface ExchangeStep {
  readonly state: ExchangeState;
  readonly requests: readonly Request[];
  readonly news?: News;
}

const byType = <T>(of: (typeUrl: TypeUrl) => T): Readonly<Record<TypeUrl, T>> =>
  Object.fromEntries(TYPE_URLS.map((typeUrl) => [typeUrl, of(typeUrl)])) as Record<TypeUrl, T>;

export const NOTHING_WANTED: Wanted = byType(() => []);
export const initialExchange: ExchangeState = {
  open: false,
  types: byType(() => ({ asked: false, version: "", nonce: "", names: [] })),
};

const requestOf = (typeUrl: TypeUrl, { names, version, nonce }: Progress): Request => ({
  typeUrl,
  names,
  version,
  nonce,
});

/** A first request without names would mean "everything", so a type is asked for only once a name of it is wanted. */
function ask(state: ExchangeState, changed: (typeUrl: TypeUrl) => boolean): ExchangeStep {
  const asked = TYPE_URLS.filter((typeUrl) => {
    const progress = state.types[typeUrl];
    return state.open && changed(typeUrl) && (progress.asked || progress.names.length > 0);
  });
  const types = byType((typeUrl) => {
    const progress = state.types[typeUrl];
    return asked.includes(typeUrl) ? { ...progress, asked: true } : progress;
  });
  return { state: { ...state, types }, requests: asked.map((typeUrl) => requestOf(typeUrl, types[typeUrl])) };
}

const sameNames = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((name, i) => name === b[i]);

function want(state: ExchangeState, wanted: Wanted): ExchangeStep {
  const changed = TYPE_URLS.filter((typeUrl) => !sameNames(state.types[typeUrl].names, wanted[typeUrl]));
  if (changed.length === 0) return { state, requests: [] };
  const types = byType((typeUrl) => ({ ...state.types[typeUrl], names: wanted[typeUrl] }));
  return ask({ ...state, types }, (typeUrl) => changed.includes(typeUrl));
}

interface Answer {
  readonly response: Response;
  readonly names: readonly string[];
  readonly decode: Decode;
}

const misfit = ({ typeUrl }: Packed): Decoded => ({ name: "", content: bad(`it is a ${typeUrl}`) });

function sort(typeUrl: TypeUrl, { response, names, decode }: Answer): News {
  const asked = new Set(names);
  const accepted = new Map<string, Accepted>();
  const refused = new Map<string, string>();
  const seen = new Set<string>();
  for (const packed of response.resources) {
    const { name, content } = packed.typeUrl === typeUrl ? decode(typeUrl, packed.value) : misfit(packed);
    seen.add(name);
    if (content.kind === "bad") refused.set(name, content.problems.join("; "));
    else if (asked.has(name)) accepted.set(name, { content: content.value, bytes: packed.value });
  }
  const lacking = isFullState(typeUrl) ? names.filter((name) => !seen.has(name)) : [];
  const refusal = [...refused].map(([name, problem]) => `${name || "a resource without name"}: ${problem}`).join("; ");
  return {
    typeUrl,
    version: response.version,
    accepted,
    refused,
    lacking,
    ...(refused.size > 0 ? { refusal } : {}),
  };
}

/** Good resources are used even if others of the same response are refused (gRFC A46). */
function answer(state: ExchangeState, response: Response, decode: Decode): ExchangeStep {
  const { typeUrl } = response;
  if (!isTypeUrl(typeUrl)) return { state, requests: [] };
  const before = state.types[typeUrl];
  const news = sort(typeUrl, { response, names: before.names, decode });
  const version = news.refusal === undefined ? response.version : before.version;
  const progress: Progress = { ...before, asked: true, version, nonce: response.nonce };
  const request = requestOf(typeUrl, progress);
  return {
    state: { ...state, types: { ...state.types, [typeUrl]: progress } },
    requests: [news.refusal === undefined ? request : { ...request, refusal: news.refusal }],
    news,
  };
}

/** What to send next to one server, and what its answer told. Bad resources are refused, never thrown. */
export function step(state: ExchangeState, event: ExchangeEvent, decode: Decode): ExchangeStep {
  switch (event.kind) {
    case "opened":
      return ask({ ...state, open: true }, () => true);
    case "closed": {
      const types = byType((typeUrl) => ({ ...state.types[typeUrl], asked: false, nonce: "" }));
      return { state: { open: false, types }, requests: [] };
    }
    case "wanted":
      return want(state, event.wanted);
    case "answered":
      return answer(state, event.response, decode);
  }
}
