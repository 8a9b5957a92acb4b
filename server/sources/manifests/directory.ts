import { type FSWatcher, watch } from "node:fs";
import type { Clock } from "../../clock.ts";
import { type Log, silentLog } from "../../log.ts";
import type { Source, SourceEvent } from "../source.ts";
import { type FileState, merged } from "./files.ts";
import { type Folder, folderOf, type Listing, list, reasonOf } from "./listing.ts";
import { readFiles } from "./read.ts";
import { FEEDS, NOTHING_TOLD, newsBetween, SOURCE, type Told, told, toldUnreadable } from "./report.ts";

export interface ManifestsOptions {
  /** A file, or a folder whose *.yaml, *.yml and *.json are read; not the folders in it. */
  readonly path: string;
  readonly clock: Clock;
  readonly log?: Log;
}

type Report = (burst: readonly SourceEvent[]) => void;

/** Files count as written completely when nothing has changed for so long. */
const SETTLE_MS = 50;
/** A folder that never rests is read all the same after so many looks. */
const MOST_LOOKS = 20;
/** The safety net where the file system reports changes, and where it does not. */
const WATCHED_POLL_MS = 5_000;
const UNWATCHED_POLL_MS = 1_000;

/** What changes when anything does. */
const fingerprint = (listing: Listing): string =>
  listing.kind === "listed" ? listing.files.map(({ name, stamp }) => `${name} ${stamp}`).join("\n") : listing.reason;

/** Nobody has touched the files for long enough. A clock that runs ahead or behind counts as long. */
const isQuiet = (listing: Listing, wall: number): boolean =>
  listing.kind === "unreadable" || listing.files.every(({ changedAt }) => Math.abs(wall - changedAt) >= SETTLE_MS);

/** Watches one folder at a time. What it cannot watch it tells of once, as the poll sees the changes all the same. */
function createWatcher(onChange: () => void, log: Log) {
  let current: { readonly identity: string; readonly watcher: FSWatcher } | undefined;
  let failed: string | undefined;
  const close = (): void => {
    current?.watcher.close();
    current = undefined;
  };
  const fail = ({ path, identity }: Folder, error: unknown): void => {
    close();
    failed = identity;
    log.warn("cannot watch, polling instead", { path, error: reasonOf(error) });
  };
  const open = (folder: Folder): void => {
    try {
      const watcher = watch(folder.path, { persistent: false }, onChange);
      current = { identity: folder.identity, watcher };
      watcher.on("error", (error) => fail(folder, error));
    } catch (error) {
      fail(folder, error);
    }
  };
  return {
    isWatching: (): boolean => current !== undefined,
    follow: (folder: Folder | undefined): void => {
      if (folder?.identity === current?.identity) return;
      close();
      if (folder !== undefined && folder.identity !== failed) open(folder);
    },
    close,
  };
}

/** How far the reading is. */
interface Reading {
  /** Fingerprint of the last look. */
  readonly seen?: string;
  /** Fingerprint of what was read last. */
  readonly read?: string;
  /** How many looks in a row found it changing; 0 when it was read. */
  readonly looks: number;
  readonly files: ReadonlyMap<string, FileState>;
  readonly told: Told;
}

const START: Reading = { looks: 0, files: new Map(), told: NOTHING_TOLD };

const changing = (reading: Reading, seen: string): Reading => ({ ...reading, seen, looks: reading.looks + 1 });

function isSettled({ seen, looks }: Reading, listing: Listing, wall: number): boolean {
  if (looks >= MOST_LOOKS || fingerprint(listing) === seen) return true;
  return seen === undefined && isQuiet(listing, wall); // nothing was seen yet: files at rest need no second look
}

/**
 * Looks at the path once. What has changed is read when two looks have found the same, so that neither a file half written
 * nor one that an editor is about to put back is taken for what was meant; and only if all files stayed the same meanwhile,
 * so that a swapped folder is not read half old, half new.
 */
async function look(reading: Reading, path: string, clock: Clock): Promise<Reading> {
  const listing = await list(path);
  const seen = fingerprint(listing);
  if (!isSettled(reading, listing, clock.wall())) return changing(reading, seen);
  if (seen === reading.read) return { ...reading, seen, looks: 0 };
  const done = { seen, read: seen, looks: 0 };
  if (listing.kind === "unreadable") {
    return { ...reading, ...done, told: toldUnreadable(reading.told, listing.reason, path) };
  }
  const files = await readFiles(listing.files, reading.files);
  const after = fingerprint(await list(path));
  if (after !== seen && reading.looks < MOST_LOOKS) return changing(reading, after);
  return { ...done, files, told: told(reading.told, merged(files), path) };
}

async function run(
  { path, clock, log = silentLog }: ManifestsOptions,
  report: Report,
  stop: AbortSignal,
): Promise<void> {
  let bell = new AbortController();
  const ring = (): void => bell.abort();
  stop.addEventListener("abort", ring);
  const watcher = createWatcher(ring, log);
  const rest = async (ms: number): Promise<void> => {
    await clock.sleep(ms, bell.signal).catch(() => {}); // it rang
    bell = new AbortController();
  };
  let reading = START;
  while (!stop.aborted) {
    watcher.follow(await folderOf(path));
    const next = await look(reading, path, clock);
    const news = newsBetween(reading.told, next.told);
    reading = next;
    if (news.length > 0 && !stop.aborted) report(news);
    await clock.sleep(SETTLE_MS, stop).catch(() => {}); // also between looks at a folder where something else is busy
    if (reading.looks === 0) await rest(watcher.isWatching() ? WATCHED_POLL_MS : UNWATCHED_POLL_MS);
  }
  watcher.close();
}

/** Kubernetes objects from YAML and JSON files, read again when they change. */
export function manifestsSource(options: ManifestsOptions): Source {
  return {
    name: SOURCE,
    feeds: FEEDS,
    start: (report) => {
      const stop = new AbortController();
      const running = run(options, report, stop.signal);
      return {
        [Symbol.asyncDispose]: async () => {
          stop.abort();
          await running;
        },
      };
    },
  };
}
