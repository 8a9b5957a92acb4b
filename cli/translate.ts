import { type Contents, merged } from "../server/sources/manifests/files.ts";
import { list } from "../server/sources/manifests/listing.ts";
import { readFiles } from "../server/sources/manifests/read.ts";
import { FEEDS, NOTHING_TOLD, newsBetween } from "../server/sources/manifests/report.ts";
import { emptyStore, reduce } from "../server/sources/store.ts";
import { zoneClassOf } from "../snapshots/derive/topology.ts";
import { compare } from "../snapshots/order.ts";
import type { Problem } from "../snapshots/problem.ts";
import { readable } from "../snapshots/resources/messages.ts";
import type { Snapshot } from "../snapshots/snapshot.ts";
import { SHORT_NAMES } from "../snapshots/type-url.ts";
import { viewOf } from "../snapshots/view.ts";
import { wholeSnapshot } from "../snapshots/whole.ts";
import type { Viewer } from "./viewer.ts";

export type ReadResult =
  | { readonly kind: "read"; readonly contents: Contents }
  | { readonly kind: "unreadable"; readonly reason: string };

/** Reads manifests once. */
export async function readManifests(path: string): Promise<ReadResult> {
  const listing = await list(path);
  if (listing.kind === "unreadable") return listing;
  return { kind: "read", contents: merged(await readFiles(listing.files, new Map())) };
}

/** What a server publishes that has just read this, before any client came. */
export function publishedOf(contents: Contents) {
  const news = newsBetween(NOTHING_TOLD, { contents, problems: contents.problems });
  const { objects } = reduce(emptyStore(FEEDS), news).store;
  return { objects, snapshot: wholeSnapshot(objects), sourceProblems: new Map([["manifests", contents.problems]]) };
}

/** All that is wrong, first with what was read, then with what it means. */
export const problemsOf = ({ problems }: Contents, snapshot: Snapshot): readonly Problem[] => [
  ...problems,
  ...[...snapshot.problems.entries()].toSorted(([a], [b]) => compare(a, b)).flatMap(([, found]) => found),
];

/** A problem as a line for people. */
export const problemLine = ({ object, code, message }: Problem): string => `${object}: ${message} (${code})\n`;

/** Every canonical resource as that client sees it: the four of each name together. */
export function resourcesFor(viewer: Viewer, snapshot: Snapshot): readonly ReturnType<typeof readable>[] {
  const view = viewOf(snapshot, zoneClassOf(viewer, snapshot.model.topology), viewer.kind);
  const names = [...snapshot.published.keys()].toSorted(compare);
  const types = Object.values(SHORT_NAMES);
  return names.flatMap((name) => types.flatMap((typeUrl) => view.get(typeUrl, name) ?? [])).map(readable);
}
