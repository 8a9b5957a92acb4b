/** kubeconfig files as they lie there: lists of named entries. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { parse } from "yaml";
import { nearest } from "../../../snapshots/nearest.ts";
import { at, type Field, items, text, whole } from "../fields.ts";

/** An entry of one of the lists, and the folder that its paths are relative to. */
export interface Entry {
  readonly name: string;
  readonly body: Field;
  readonly folder: string;
}

interface Kubeconfig {
  readonly current?: string;
  readonly contexts: readonly Entry[];
  readonly clusters: readonly Entry[];
  readonly users: readonly Entry[];
}

const isAbsent = (error: unknown): boolean => error instanceof Error && "code" in error && error.code === "ENOENT";

/** Undefined when there is no such file. A parser's own message is not shown: it may quote a secret. */
async function readText(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

function parseYaml(yaml: string, file: string): unknown {
  try {
    return parse(yaml, { logLevel: "error" });
  } catch {
    throw new Error(`${file} is no YAML`);
  }
}

async function readConfig(file: string): Promise<Kubeconfig | undefined> {
  const yaml = await readText(file);
  if (yaml === undefined) return undefined;
  const root = whole(parseYaml(yaml, file), new Set());
  const folder = path.dirname(file);
  const entries = (list: string, member: string): readonly Entry[] =>
    items(at(root, list)).flatMap((entry) => {
      const name = text(at(entry, "name"));
      return name === undefined ? [] : [{ name, body: at(entry, member), folder }];
    });
  const current = text(at(root, "current-context"));
  return {
    ...(current !== undefined && { current }),
    contexts: entries("contexts", "context"),
    clusters: entries("clusters", "cluster"),
    users: entries("users", "user"),
  };
}

/** Of two entries with one name the first counts, as kubectl has it. Files that are absent are passed over, but not all of them. */
export async function readConfigs(files: readonly string[]): Promise<Kubeconfig> {
  const found = (await Promise.all(files.map(readConfig))).filter((config) => config !== undefined);
  if (found.length === 0) throw new Error(`there is no ${files.join(" nor ")}`);
  const current = found.find((config) => config.current !== undefined)?.current;
  return {
    ...(current !== undefined && { current }),
    contexts: found.flatMap(({ contexts }) => contexts),
    clusters: found.flatMap(({ clusters }) => clusters),
    users: found.flatMap(({ users }) => users),
  };
}

export function named(entries: readonly Entry[], what: string, name: string): Entry {
  const found = entries.find((entry) => entry.name === name);
  if (found !== undefined) return found;
  const names = [...new Set(entries.map((entry) => entry.name))];
  const [guess] = nearest(name, names);
  const hint = guess === undefined ? "" : `; did you mean ${guess}?`;
  throw new Error(`there is no ${what} ${name}, but ${names.length === 0 ? "none at all" : names.join(", ")}${hint}`);
}
