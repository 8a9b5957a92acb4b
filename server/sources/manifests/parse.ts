/** The text of one manifest file → objects and problems. The only file of the server that knows YAML. */
import { type Document, isMap, isSeq, LineCounter, type ParsedNode, parseAllDocuments } from "yaml";
import type { KubernetesObject } from "../../../snapshots/objects.ts";
import type { Problem } from "../../../snapshots/problem.ts";
import { API_VERSIONS, isKind, type ObjectId, project } from "../project.ts";

export interface Parsed {
  readonly objects: readonly KubernetesObject[];
  readonly problems: readonly Problem[];
  /** What is written there but cannot be used: whoever has an older form of it may keep that. */
  readonly refused: readonly ObjectId[];
  /** False when the text as a whole cannot be read. Then there are no objects, and nothing is known to be gone. */
  readonly readable: boolean;
}

/** What could be an object, and where it begins: `services.yaml:12:3`. */
export interface Found {
  readonly value: unknown;
  readonly place: string;
}

/** A kind of another group may have the same name: Knative has a Service too. */
const isForeign = (apiVersion: unknown): boolean =>
  typeof apiVersion === "string" && /^[^/]+\.[^/]+\//.test(apiVersion) && !/\.k8s\.io\//.test(apiVersion);

/** An alias costs little to write and much to follow. */
const MAX_ALIASES = 100;

/** The text is no YAML, or YAML of a kind that is not read here. Thrown and caught in this file only. */
class Unreadable extends Error {
  readonly place: string;

  constructor(place: string, message: string) {
    super(message);
    this.place = place;
  }
}

const member = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null && Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;

/** The kind of a list's items: `ServiceList` → `Service`; `List` → "", as each item says its own. Undefined for no list. */
function itemKind(value: unknown): string | undefined {
  const kind = member(value, "kind");
  if (typeof kind !== "string" || !kind.endsWith("List") || !Array.isArray(member(value, "items"))) return undefined;
  const ofItems = kind.slice(0, -"List".length);
  return ofItems === "" || isKind(ofItems) ? ofItems : undefined;
}

/** Items of a typed list do not repeat its kind and version. */
const typed = (item: unknown, kind: string, list: unknown): unknown =>
  kind !== "" && typeof item === "object" && item !== null && member(item, "kind") === undefined
    ? { ...item, kind, apiVersion: member(item, "apiVersion") ?? member(list, "apiVersion") }
    : item;

/** A document holds one object or a list of them. Lists in lists are no Kubernetes objects. */
function unlisted(value: unknown, placeOf: (item?: number) => string): readonly Found[] {
  const kind = itemKind(value);
  if (kind === undefined) return value === null || value === undefined ? [] : [{ value, place: placeOf() }];
  const items = member(value, "items") as readonly unknown[];
  return items.map((item, i) => ({ value: typed(item, kind, value), place: placeOf(i) }));
}

/** JSON is YAML, but its own parser is a hundred times as fast. Undefined when it is no JSON. */
function readJson(text: string, file: string): readonly Found[] | undefined {
  if (!text.trimStart().startsWith("{")) return undefined;
  try {
    return unlisted(JSON.parse(text), (item) => (item === undefined ? file : `${file} items[${item}]`));
  } catch {
    return undefined;
  }
}

const itemNode = (contents: ParsedNode | null, item: number): unknown => {
  const items = isMap(contents) ? contents.get("items", true) : undefined;
  return isSeq(items) ? items.items[item] : undefined;
};

function readDocument(document: Document.Parsed, positionOf: (offset: number) => string): readonly Found[] {
  const { contents, errors, warnings } = document;
  const [fault] = [...errors, ...warnings];
  if (fault !== undefined) throw new Unreadable(positionOf(fault.pos[0]), fault.message);
  const startOf = (node: unknown): number =>
    (member(node, "range") as [number] | undefined)?.[0] ?? contents?.range[0] ?? 0;
  const placeOf = (item?: number): string =>
    positionOf(startOf(item === undefined ? contents : itemNode(contents, item)));
  try {
    return unlisted(document.toJS({ maxAliasCount: MAX_ALIASES }), placeOf);
  } catch (error) {
    throw new Unreadable(placeOf(), error instanceof Error ? error.message : String(error));
  }
}

function readYaml(text: string, file: string): readonly Found[] {
  const lineCounter = new LineCounter();
  const positionOf = (offset: number): string => {
    const { line, col } = lineCounter.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  const documents = parseAllDocuments(text, { lineCounter, merge: true, prettyErrors: false, resolveKnownTags: false });
  return Array.isArray(documents) ? documents.flatMap((document) => readDocument(document, positionOf)) : [];
}

type Outcome = Pick<Parsed, "objects" | "problems" | "refused">;

const complaint = (place: string, code: string, message: string): Outcome => ({
  objects: [],
  refused: [],
  problems: [{ object: `file ${place}`, code, message }],
});

/** Kinds that are not read here are passed over in silence: manifests are full of Deployments. */
function readObject({ value, place }: Found): Outcome {
  const [kind, apiVersion] = [member(value, "kind"), member(value, "apiVersion")];
  if (typeof kind !== "string") return complaint(place, "no-object", "has no kind, so it is no Kubernetes object");
  if (!isKind(kind) || isForeign(apiVersion)) return { objects: [], refused: [], problems: [] };
  const { id, object, problems } = project(kind, value);
  const refused = id === undefined ? [] : [id];
  if (apiVersion !== API_VERSIONS[kind]) {
    const found = JSON.stringify(apiVersion) ?? "absent";
    const message = `apiVersion of kind ${kind} must be ${API_VERSIONS[kind]}, not ${found}`;
    return { ...complaint(place, "wrong-version", message), refused };
  }
  return {
    objects: object === undefined ? [] : [object],
    refused: object === undefined ? refused : [],
    problems: problems.map((problem) => ({ ...problem, message: `${place}: ${problem.message}` })),
  };
}

const read = (text: string, file: string): readonly Found[] => readJson(text, file) ?? readYaml(text, file);

const badSyntax = ({ place, message }: Unreadable): Problem => ({
  object: `file ${place}`,
  code: "bad-syntax",
  message,
});

/** All that stands in a file, objects or not, the items of lists each by itself; or why it cannot be read. Never throws. */
export function readValues(text: string, file: string): readonly Found[] | Problem {
  try {
    return read(text, file);
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return badSyntax(error);
  }
}

/**
 * Reads all documents of a file, lists included. One bad object costs only itself; bad syntax costs the whole text, since
 * nobody can say what was meant after it. `file` is what problems call it. Never throws.
 */
export function parseManifests(text: string, file: string): Parsed {
  try {
    const outcomes = read(text, file).map(readObject);
    return {
      objects: outcomes.flatMap(({ objects }) => objects),
      problems: outcomes.flatMap(({ problems }) => problems),
      refused: outcomes.flatMap(({ refused }) => refused),
      readable: true,
    };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return { objects: [], refused: [], problems: [badSyntax(error)], readable: false };
  }
}
