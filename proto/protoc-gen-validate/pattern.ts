/** Patterns of RE2, the language of `pattern` rules, as JavaScript's with the `v` flag: both read code points. */

/** A piece of RE2 that starts where the reader stands, and what JavaScript writes for it. */
type Translation = readonly [piece: RegExp, write: (...groups: string[]) => string];

function translate(source: string, translations: readonly Translation[]): string {
  let written = "";
  for (let at = 0; at < source.length; ) {
    const { text, end } = translatedAt(source, at, translations);
    written += text;
    at = end;
  }
  return written;
}

/** The first translation that fits. */
function translatedAt(source: string, at: number, translations: readonly Translation[]): { text: string; end: number } {
  for (const [piece, write] of translations) {
    piece.lastIndex = at;
    const match = piece.exec(source);
    if (match !== null) return { text: write(...match.slice(1).map((group) => group ?? "")), end: piece.lastIndex };
  }
  throw new Error(`there is no JavaScript for ${source.slice(at)}`);
}

const character = (code: number): string => `\\u{${code.toString(16)}}`;

const outside = (text: string): string => text.replaceAll(/[$()*+./?[\\\]^{|}]/gu, "\\$&");
const inside = (text: string): string => text.replaceAll(/[!#-&(-/:-@[-^`{-~]/gu, "\\$&");

/** Spellings of one character. */
const characters = (literal: (text: string) => string): readonly Translation[] => [
  [/\\x\{([0-9A-Fa-f]+)\}/uy, (hex = "") => character(Number.parseInt(hex, 16))],
  [/\\x([0-9A-Fa-f]{2})/uy, (hex = "") => character(Number.parseInt(hex, 16))],
  [/\\(0[0-7]{0,2}|[1-7][0-7]{1,2})/uy, (octal = "") => character(Number.parseInt(octal, 8))],
  [/\\a/uy, () => character(7)],
  [/(\\[fnrtv])/uy, (escaped = "") => escaped],
  [/\\([!-/:-@[-`{-~])/uy, (punctuation = "") => literal(punctuation)],
  [/([^\\])/uy, (char = "") => literal(char)],
];

const CHARACTER = String.raw`\\x\{[0-9A-Fa-f]+\}|\\x[0-9A-Fa-f]{2}|\\[0-7]{1,3}|\\[^0-9A-Za-z]|\\[afnrtv]|[^\\]`;

/** RE2's `\p{…}` does not say whether it names a category or a script. */
function property(letter = "", negation = "", name = ""): string {
  const what = /^(?:Any|[A-Z][a-z]?)$/u.test(name) ? name : `Script=${name}`;
  return negation === "" ? `\\${letter}{${what}}` : `[^\\${letter}{${what}}]`;
}

/** Sets of characters. RE2's spaces are ASCII, without the vertical tab. */
const SETS: readonly Translation[] = [
  [/(\\[dDwW])/uy, (escaped = "") => escaped],
  [/\\s/uy, () => "[\\t\\n\\f\\r ]"],
  [/\\S/uy, () => "[^\\t\\n\\f\\r ]"],
  [/\\([pP])\{(\^?)(\w+)\}/uy, property],
  [/\\([pP])()([A-Z])/uy, property],
];

/** What RE2 means by `[:name:]`: always ASCII. */
const POSIX: ReadonlyMap<string, string> = new Map([
  ["alnum", "0-9A-Za-z"],
  ["alpha", "A-Za-z"],
  ["ascii", "\\u{0}-\\u{7f}"],
  ["blank", "\\t "],
  ["cntrl", "\\u{0}-\\u{1f}\\u{7f}"],
  ["digit", "0-9"],
  ["graph", "\\u{21}-\\u{7e}"],
  ["lower", "a-z"],
  ["print", "\\u{20}-\\u{7e}"],
  ["punct", "\\u{21}-\\u{2f}\\u{3a}-\\u{40}\\u{5b}-\\u{60}\\u{7b}-\\u{7e}"],
  ["space", "\\t-\\r "],
  ["upper", "A-Z"],
  ["word", "0-9A-Za-z_"],
  ["xdigit", "0-9A-Fa-f"],
]);

function posix(negation = "", name = ""): string {
  const range = POSIX.get(name);
  if (range === undefined) throw new Error(`[:${name}:] is no class of RE2`);
  return `[${negation}${range}]`;
}

/** What stands between brackets. */
const IN_CLASS: readonly Translation[] = [
  [/\[:(\^?)(\w+):\]/uy, posix],
  [
    new RegExp(`(${CHARACTER})-(${CHARACTER})`, "uy"),
    (first = "", last = "") => `${translate(first, characters(inside))}-${translate(last, characters(inside))}`,
  ],
  ...SETS,
  ...characters(inside),
];

const refused = (what: string) => (): never => {
  throw new Error(`there is no JavaScript for ${what}`);
};

const pattern = (dot: string): readonly Translation[] => [
  [/\\Q(.*?)(?:\\E|$)/suy, (literal = "") => outside(literal)],
  [/\[(\^?)(\]?(?:\[:\^?\w+:\]|\\.|[^\]\\])*)\]/suy, (not = "", body = "") => `[${not}${translate(body, IN_CLASS)}]`],
  [/\[/uy, refused("a bracket that does not end")],
  [/\(\?P?<(\w+)>/uy, (name = "") => `(?<${name}>`],
  [/(\(\?:)/uy, (group = "") => group],
  [/\(\?/uy, refused("flags after the start, nor does RE2 look around")],
  [/([()|^$]|[*+?]\??|\{\d+(?:,\d*)?\}\??)/uy, (operator = "") => operator],
  [/\./uy, () => dot],
  [/\\A/uy, () => "^"],
  [/\\z/uy, () => "$"],
  [/(\\[bB])/uy, (boundary = "") => boundary],
  ...SETS,
  ...characters(outside),
];

/** An expression for a `RegExp` that matches what the RE2 pattern matches; throws if JavaScript has none. */
export function translated(source: string): string {
  const [opening = "", flags = ""] = /^\(\?([is]+)\)/u.exec(source) ?? [];
  const dot = flags.includes("s") ? "[^]" : "[^\\n]";
  try {
    const text = translate(source.slice(opening.length), pattern(dot));
    const regexp = new RegExp(text, flags.includes("i") ? "iv" : "v");
    return `new globalThis.RegExp(${JSON.stringify(regexp.source)}, ${JSON.stringify(regexp.flags)})`;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`the pattern ${JSON.stringify(source)} cannot be translated: ${reason}`, { cause: error });
  }
}
