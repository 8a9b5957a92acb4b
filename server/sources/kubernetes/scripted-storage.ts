/** What a scripted API server holds, and what a client may ask it for. */
import type { IncomingMessage } from "node:http";
import type { RawObject } from "../source.contract.ts";

export type Raw = RawObject & { readonly metadata: { readonly resourceVersion?: string; readonly labels?: object } };

export interface Change {
  readonly version: number;
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly object: Raw;
}

/** What a client asked for. */
export interface Asked {
  /** The plural: `services`. */
  readonly resource: string;
  readonly namespace: string | undefined;
  readonly query: URLSearchParams;
  readonly authorization: string | undefined;
}

const PLURALS: Readonly<Record<string, string>> = {
  Service: "services",
  EndpointSlice: "endpointslices",
  Node: "nodes",
  Namespace: "namespaces",
};

const keyOf = ({ kind, metadata: { namespace = "", name } }: RawObject): string => `${kind} ${namespace}/${name}`;

const selects = (selector: string | null, object: Raw): boolean => {
  const [label = "", value] = (selector ?? "").split("=");
  return selector === null || (object.metadata.labels as Record<string, string> | undefined)?.[label] === value;
};

const names = (selector: string | null, object: Raw): boolean =>
  selector === null || selector === `metadata.name=${object.metadata.name}`;

export const isFor =
  ({ resource, namespace, query }: Asked) =>
  (object: Raw): boolean =>
    PLURALS[object.kind] === resource &&
    (namespace === undefined || object.metadata.namespace === namespace) &&
    selects(query.get("labelSelector"), object) &&
    names(query.get("fieldSelector"), object);

export function askedBy(request: IncomingMessage): Asked {
  const { pathname, searchParams: query } = new URL(request.url ?? "", "http://api");
  const [, namespace, resource = ""] = /(?:\/namespaces\/([^/]+))?\/([^/]+)$/.exec(pathname) ?? [];
  return { resource, namespace, query, authorization: request.headers.authorization };
}

/** All that it holds, and every change since the last compaction. */
export function createStorage() {
  const objects = new Map<string, Raw>();
  let history: Change[] = [];
  let version = 100;
  let oldest = 0;
  const note = (type: Change["type"], object: RawObject): Change => {
    version += 1;
    const change = {
      version,
      type,
      object: { ...object, metadata: { ...object.metadata, resourceVersion: `${version}` } },
    };
    history.push(change);
    return change;
  };
  return {
    objects,
    version: () => version,
    put: (object: RawObject): Change => {
      const change = note(objects.has(keyOf(object)) ? "MODIFIED" : "ADDED", object);
      objects.set(keyOf(object), change.object);
      return change;
    },
    delete: (object: RawObject): Change => {
      const change = note("DELETED", objects.get(keyOf(object)) ?? object);
      objects.delete(keyOf(object));
      return change;
    },
    /** Undefined when that is too long ago. */
    since: (from: number): readonly Change[] | undefined =>
      from < oldest ? undefined : history.filter((change) => change.version > from),
    compact: (): void => {
      history = [];
      oldest = version;
    },
  };
}

export type Storage = ReturnType<typeof createStorage>;
