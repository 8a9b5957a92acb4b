import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import { compare } from "../../../snapshots/order.ts";

/** A manifest file as it lies there. Another stamp means other contents, perhaps. */
export interface ListedFile {
  /** What problems call it: relative to the folder. */
  readonly name: string;
  readonly path: string;
  readonly bytes: number;
  readonly stamp: string;
  /** When it was last written, renamed or replaced; milliseconds since the epoch. */
  readonly changedAt: number;
}

export type Listing =
  | { readonly kind: "listed"; readonly files: readonly ListedFile[] }
  | { readonly kind: "unreadable"; readonly reason: string };

/** The folder to watch: the path itself, or the one that the file lies in, since editors replace files. */
export interface Folder {
  readonly path: string;
  /** Another folder of the same path has another identity. */
  readonly identity: string;
}

const MAX_FILES = 10_000;
const MAX_BYTES = 256 * 2 ** 20;

const isManifest = (name: string): boolean => /\.(ya?ml|json)$/.test(name) && !name.startsWith(".");

/** `ENOENT: no such file or directory`, without the rest of what Node says. */
export const reasonOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).replace(/, \w+( '.*')?$/, "");

const isAbsent = (error: unknown): boolean => error instanceof Error && "code" in error && error.code === "ENOENT";

/**
 * Follows links, so that a ConfigMap's swap of `..data` shows. What is no file is passed over; a file that cannot be looked
 * at is listed all the same, since it is not gone: reading it tells why.
 */
async function listed(name: string, file: string): Promise<readonly ListedFile[]> {
  try {
    const stats = await stat(file, { bigint: true });
    if (!stats.isFile()) return [];
    const { dev, ino, size, mtimeNs, ctimeNs } = stats;
    const stamp = [dev, ino, size, mtimeNs, ctimeNs].join(" ");
    return [{ name, path: file, bytes: Number(size), stamp, changedAt: Number(ctimeNs / 1_000_000n) }];
  } catch (error) {
    return isAbsent(error) ? [] : [{ name, path: file, bytes: 0, stamp: reasonOf(error), changedAt: 0 }];
  }
}

function bounded(files: readonly ListedFile[]): Listing {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  if (files.length <= MAX_FILES && bytes <= MAX_BYTES) return { kind: "listed", files };
  const most = `at most ${MAX_FILES} with ${MAX_BYTES / 2 ** 20} MiB are read`;
  return { kind: "unreadable", reason: `${files.length} manifests with ${Math.ceil(bytes / 2 ** 20)} MiB: ${most}` };
}

async function listFolder(folder: string): Promise<Listing> {
  const names = (await readdir(folder)).filter(isManifest).toSorted(compare);
  const files = await Promise.all(names.map((name) => listed(name, path.join(folder, name))));
  return bounded(files.flat());
}

/** The manifests at a path: the file itself, or those directly in the folder, by name. Never throws. */
export async function list(at: string): Promise<Listing> {
  try {
    if ((await stat(at)).isDirectory()) return await listFolder(at);
    const files = await listed(path.basename(at), at);
    return files.length === 0 ? { kind: "unreadable", reason: "neither a file nor a folder" } : bounded(files);
  } catch (error) {
    return { kind: "unreadable", reason: reasonOf(error) };
  }
}

/** The folder to watch, if it is there. */
export async function folderOf(at: string): Promise<Folder | undefined> {
  try {
    const folder = (await stat(at)).isDirectory() ? at : path.dirname(at);
    const { dev, ino } = await stat(folder);
    return { path: folder, identity: `${folder} ${dev} ${ino}` };
  } catch {
    return undefined;
  }
}
