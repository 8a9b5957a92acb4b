import { readFile } from "node:fs/promises";
import { type Contents, type FileState, NOTHING, nextContents } from "./files.ts";
import { type ListedFile, reasonOf } from "./listing.ts";
import { type Parsed, parseManifests } from "./parse.ts";

const MAX_FILE_BYTES = 16 * 2 ** 20;

const unreadable = (file: string, code: string, message: string): Parsed => ({
  objects: [],
  refused: [],
  problems: [{ object: `file ${file}`, code, message }],
  readable: false,
});

/** An empty file is more likely one that was cut short than a wish to remove all that it held (L12). */
const isCutShort = (text: string, { objects }: Contents): boolean => text.trim() === "" && objects.size > 0;

async function parsed({ name, path, bytes }: ListedFile, previous: Contents): Promise<Parsed> {
  if (bytes > MAX_FILE_BYTES) {
    return unreadable(name, "too-large", `has ${bytes} bytes; at most ${MAX_FILE_BYTES} are read`);
  }
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(await readFile(path));
    if (isCutShort(text, previous)) return unreadable(name, "empty-file", "is empty; delete it to remove what it held");
    return parseManifests(text, name);
  } catch (error) {
    return unreadable(name, "cannot-read", reasonOf(error));
  }
}

/** Reads the files that have changed; of the others, what is known stays. */
export async function readFiles(
  listed: readonly ListedFile[],
  known: ReadonlyMap<string, FileState>,
): Promise<ReadonlyMap<string, FileState>> {
  const files = new Map<string, FileState>();
  for (const file of listed) {
    const old = known.get(file.name);
    if (old?.stamp === file.stamp) files.set(file.name, old);
    else
      files.set(file.name, {
        stamp: file.stamp,
        ...nextContents(old ?? NOTHING, await parsed(file, old ?? NOTHING), file.name),
      });
  }
  return files;
}
