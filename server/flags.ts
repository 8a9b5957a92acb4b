import { nearest } from "../snapshots/nearest.ts";

/** What a flag takes: nothing, one value, or one value each time it is given. */
export type FlagKind = "switch" | "value" | "values";

export interface Flags {
  /** The values of each flag that was given, in order; a switch has an empty text, a flag that lacks its value none. */
  readonly given: ReadonlyMap<string, readonly string[]>;
  readonly positionals: readonly string[];
  readonly problems: readonly string[];
}

/** `; did you mean …?` with the known word that is like this one, if there is one. */
export function didYouMean(word: string, known: Iterable<string>, prefix = ""): string {
  const [guess] = nearest(word, known);
  return guess === undefined ? "" : `; did you mean ${prefix}${guess}?`;
}

/** What one letter is short for. */
const SHORT: ReadonlyMap<string, string> = new Map([
  ["-h", "help"],
  ["-f", "file"],
]);

/** What `--name` or `--name=value` says, if `arg` is a flag. */
const split = (arg: string): { name: string; inline: string | undefined } | undefined => {
  const long = SHORT.get(arg);
  if (long !== undefined) return { name: long, inline: undefined };
  const [, name, inline] = /^--([^=]*)(?:=(.*))?$/s.exec(arg) ?? [];
  return name === undefined ? undefined : { name, inline };
};

const isFlag = (arg: string | undefined): boolean => arg?.startsWith("--") === true;

/** What is wrong with one use of a known flag, if anything. */
function misuse(name: string, kind: FlagKind, use: { inline: boolean; valued: boolean; again: boolean }): string[] {
  if (kind === "switch") return use.inline ? [`--${name} takes no value`] : [];
  if (!use.valued) return [`--${name} needs a value`];
  return kind === "value" && use.again ? [`--${name} is given more than once`] : [];
}

/** Reads a command line and reports everything that is wrong with it. */
export function readFlags(args: readonly string[], kinds: Readonly<Record<string, FlagKind>>): Flags {
  const known = new Map(Object.entries(kinds));
  const rest = [...args];
  const given = new Map<string, readonly string[]>();
  const positionals: string[] = [];
  const problems: string[] = [];
  const nextWord = (): string | undefined => (isFlag(rest[0]) ? undefined : rest.shift());
  const take = (name: string, kind: FlagKind, inline: string | undefined): void => {
    const text = kind === "switch" ? "" : (inline ?? nextWord());
    const use = { inline: inline !== undefined, valued: text !== undefined, again: given.has(name) };
    problems.push(...misuse(name, kind, use));
    given.set(name, [...(given.get(name) ?? []), ...(text === undefined ? [] : [text])]);
  };
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    const flag = split(arg);
    const kind = known.get(flag?.name ?? "");
    if (flag === undefined) positionals.push(arg);
    else if (kind !== undefined) take(flag.name, kind, flag.inline);
    else {
      if (flag.inline === undefined) nextWord();
      problems.push(`unknown flag --${flag.name}${didYouMean(flag.name, known.keys(), "--")}`);
    }
  }
  return { given, positionals, problems };
}

/** What a user reads who called a command wrongly: everything that is wrong, and where to look. */
export const complaint = (command: string, problems: readonly string[]): string =>
  `evenkeel ${command}: ${problems.join(`\nevenkeel ${command}: `)}\nevenkeel ${command} --help tells more\n`;
