import { type FlagKind, readFlags } from "./flags.ts";
import { LOG_LEVELS } from "./log.ts";
import { address, domain, duration, integer, logLevel, path, type Setting, words } from "./setting.ts";

/** Keeps the type of what a setting means. */
const setting = <T>(given: Setting<T>): Setting<T> => given;

/** Every setting of the server: the one place for its names, its default, its meaning and its help. */
const SETTINGS = {
  manifests: setting({
    name: "manifests",
    placeholder: "PATH",
    help: "file or folder of Kubernetes YAML to serve, watched",
    parse: path,
  }),
  xds: setting({
    name: "xds",
    placeholder: "HOST:PORT",
    fallback: "127.0.0.1:18000",
    help: "where gRPC clients and Envoy connect",
    parse: address,
  }),
  admin: setting({
    name: "admin",
    placeholder: "HOST:PORT",
    fallback: "127.0.0.1:18001",
    help: "where operators look: REST, metrics, health",
    parse: address,
  }),
  logLevel: setting({
    name: "log-level",
    placeholder: "LEVEL",
    fallback: "info",
    help: `${LOG_LEVELS.join(", ")}; written to standard error`,
    parse: logLevel,
  }),
  removalGraceMs: setting({
    name: "removal-grace",
    placeholder: "DURATION",
    fallback: "30s",
    help: "how long a deleted Service keeps its last endpoints",
    parse: duration("0s", "1h"),
  }),
  gatherMs: setting({
    name: "gather",
    placeholder: "DURATION",
    fallback: "20ms",
    help: "how long changes are gathered while a first one is on its way",
    parse: duration("0s", "1s"),
  }),
  clusterDomain: setting({
    name: "cluster-domain",
    placeholder: "DOMAIN",
    fallback: "cluster.local",
    help: "suffix of host names that clients may dial",
    parse: domain,
  }),
  drainDelayMs: setting({
    name: "drain-delay",
    placeholder: "DURATION",
    fallback: "5s",
    help: "after SIGTERM, time for others to learn that this server is not ready (SIGINT does not wait)",
    parse: duration("0s", "5m"),
  }),
  drainGraceMs: setting({
    name: "drain-grace",
    placeholder: "DURATION",
    fallback: "10s",
    help: "then, time in which streams are ended one after the other",
    parse: duration("0s", "5m"),
  }),
  maxConnectionAgeMs: setting({
    name: "max-connection-age",
    placeholder: "DURATION",
    fallback: "30m",
    help: "age at which a connection is asked to reconnect, give or take a tenth",
    parse: duration("1s", "24h"),
  }),
  maxConnectionAgeGraceMs: setting({
    name: "max-connection-age-grace",
    placeholder: "DURATION",
    fallback: "20s",
    help: "then, time until it is closed",
    parse: duration("100ms", "10m"),
  }),
  connectionRate: setting({
    name: "connection-rate",
    placeholder: "NUMBER",
    fallback: "10000",
    help: "new connections per second that are accepted in the long run, twice as many at once",
    parse: integer(1, 1_000_000),
  }),
  requestRate: setting({
    name: "request-rate",
    placeholder: "NUMBER",
    fallback: "500",
    help: "requests per second that one stream may send in the long run, ten times as many at once",
    parse: integer(1, 1_000_000),
  }),
  legacyWildcard: setting({
    name: "legacy-wildcard",
    placeholder: "NAMES",
    fallback: "envoy",
    help: "user agents whose empty first request means everything, separated by commas",
    parse: words,
  }),
} satisfies Record<string, Setting<unknown>>;

type Settings = typeof SETTINGS;
type ValueOf<S> = S extends Setting<infer T> ? T : never;

/** What the server is told from outside, checked and complete. */
export type Config = { readonly [Key in keyof Settings]: ValueOf<Settings[Key]> };

export type Environment = Readonly<Record<string, string | undefined>>;

export type ConfigResult =
  | { readonly kind: "config"; readonly config: Config }
  | { readonly kind: "wrong"; readonly problems: readonly string[] };

const ALL: readonly Setting<unknown>[] = Object.values(SETTINGS);
const KINDS: Readonly<Record<string, FlagKind>> = Object.fromEntries(ALL.map(({ name }) => [name, "value"]));

const variable = (name: string): string => `EVENKEEL_${name.replaceAll("-", "_").toUpperCase()}`;

/**
 * Reads flags, then the environment, then defaults; a flag wins. Reports every problem at once. Other `EVENKEEL_*` variables
 * are not its business: Kubernetes sets some for a Service named evenkeel.
 */
export function readConfig(args: readonly string[], env: Environment): ConfigResult {
  const { given, positionals, problems: flagProblems } = readFlags(args, KINDS);
  const problems = [...flagProblems, ...positionals.map((word) => `unexpected argument ${JSON.stringify(word)}`)];
  const read = <T>({ name, fallback, parse }: Setting<T>): T | undefined => {
    const flag = given.get(name)?.at(-1);
    const text = flag ?? env[variable(name)] ?? fallback;
    if (text === undefined) {
      if (!given.has(name)) problems.push(`--${name} must be given`);
      return undefined;
    }
    const parsed = parse(text);
    if (parsed.kind === "value") return parsed.value;
    const source = flag === undefined ? variable(name) : `--${name}`;
    problems.push(`${source} must be ${parsed.allowed}, not ${JSON.stringify(text)}`);
    return undefined;
  };
  const entries = Object.entries(SETTINGS).map(([key, one]) => [key, read<unknown>(one)]);
  if (problems.length > 0) return { kind: "wrong", problems };
  return { kind: "config", config: Object.fromEntries(entries) as Config };
}

/** One line for each setting, for `--help`. */
export function settingsHelp(): string {
  const left = ({ name, placeholder }: Setting<unknown>): string => `  --${name} ${placeholder}`;
  const width = Math.max(...ALL.map((one) => left(one).length)) + 2;
  const line = (one: Setting<unknown>): string =>
    `${left(one).padEnd(width)}${one.help} (${one.fallback === undefined ? "required" : `default ${one.fallback}`})`;
  return ALL.map(line).join("\n");
}
