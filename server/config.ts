import { NAMED_MODES } from "../snapshots/derive/zone-policy.ts";
import { type FlagKind, readFlags } from "./flags.ts";
import { LOG_LEVELS } from "./log.ts";
import {
  address,
  domain,
  duration,
  integer,
  name,
  namespaces,
  oneOf,
  path,
  type Setting,
  selector,
  truth,
  words,
} from "./setting.ts";

/** Keeps the type of what a setting means. */
const setting = <T>(given: Setting<T> & { readonly fallback: string }): Setting<T> => given;

/** The same of one that may be left out. */
const optional = <T>(given: Setting<T> & { readonly fallback?: never }): Setting<T | undefined> => given;

/** Every setting of the server: the one place for its names, its default, its meaning and its help. */
const SETTINGS = {
  manifests: optional({
    name: "manifests",
    placeholder: "PATH",
    help: "serve a file or folder of Kubernetes YAML, watched; wins where a cluster has the same object",
    parse: path,
  }),
  kubernetes: setting({
    name: "kubernetes",
    takes: "switch",
    fallback: "false",
    help: "serve a cluster: the one it runs in, or that of the kubeconfig",
    parse: truth,
  }),
  kubeconfig: optional({
    name: "kubeconfig",
    placeholder: "FILE",
    help: "kubeconfig of the cluster, instead of $KUBECONFIG or ~/.kube/config",
    parse: path,
  }),
  context: optional({
    name: "context",
    placeholder: "NAME",
    help: "context of the kubeconfig, instead of its current one",
    parse: name,
  }),
  namespaces: optional({
    name: "namespace",
    placeholder: "NAME",
    takes: "values",
    help: "read only this namespace of the cluster; may be given several times, or with commas",
    parse: namespaces,
  }),
  selector: optional({
    name: "selector",
    placeholder: "SELECTOR",
    help: "serve only Services of the cluster with these labels, such as app=cart,tier!=test",
    parse: selector,
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
    parse: oneOf(LOG_LEVELS),
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
  defaultMode: setting({
    name: "zone-mode",
    placeholder: "MODE",
    fallback: "weighted",
    help: `how zones share the load of a Service that does not say: ${NAMED_MODES.join(", ")}`,
    parse: oneOf(NAMED_MODES),
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
const KINDS: Readonly<Record<string, FlagKind>> = Object.fromEntries(
  ALL.map(({ name, takes = "value" }) => [name, takes]),
);

const variable = (name: string): string => `EVENKEEL_${name.replaceAll("-", "_").toUpperCase()}`;

/** What the uses of a flag say together; undefined where it has none, or lacks its value. */
function flagText(texts: readonly string[] | undefined, takes: FlagKind = "value"): string | undefined {
  if (texts === undefined || texts.length === 0) return undefined;
  switch (takes) {
    case "switch":
      return "true";
    case "value":
      return texts.at(-1);
    case "values":
      return texts.join(",");
  }
}

/** What of a cluster is to be read, if one is. */
const OF_A_CLUSTER = ["kubeconfig", "context", "namespaces", "selector"] as const;

/** What is wrong with settings that are right one by one. */
function contradictions(config: Config): readonly string[] {
  const { manifests, kubernetes } = config;
  if (kubernetes) return [];
  return [
    ...OF_A_CLUSTER.filter((key) => config[key] !== undefined).map((key) => {
      const { name } = SETTINGS[key];
      return `--${name} (${variable(name)}) is only for a cluster: give --kubernetes too`;
    }),
    ...(manifests === undefined ? ["--kubernetes or --manifests must be given"] : []),
  ];
}

/**
 * Reads flags, then the environment, then defaults; a flag wins. Reports every problem at once. Other `EVENKEEL_*` variables
 * are not its business: Kubernetes sets some for a Service named evenkeel.
 */
export function readConfig(args: readonly string[], env: Environment): ConfigResult {
  const { given, positionals, problems: flagProblems } = readFlags(args, KINDS);
  const problems = [...flagProblems, ...positionals.map((word) => `unexpected argument ${JSON.stringify(word)}`)];
  const read = <T>({ name, takes, fallback, parse }: Setting<T>): T | undefined => {
    const flag = flagText(given.get(name), takes);
    const text = flag ?? env[variable(name)] ?? fallback;
    if (text === undefined) return undefined;
    const parsed = parse(text);
    if (parsed.kind === "value") return parsed.value;
    const source = flag === undefined ? variable(name) : `--${name}`;
    problems.push(`${source} must be ${parsed.allowed}, not ${JSON.stringify(text)}`);
    return undefined;
  };
  const entries = Object.entries(SETTINGS).map(([key, one]) => [key, read<unknown>(one)]);
  const config = Object.fromEntries(entries) as Config;
  if (problems.length === 0) problems.push(...contradictions(config));
  return problems.length > 0 ? { kind: "wrong", problems } : { kind: "config", config };
}

/** One line for each setting, for `--help`. */
export function settingsHelp(): string {
  const left = ({ name, placeholder }: Setting<unknown>): string =>
    `  --${name}${placeholder === undefined ? "" : ` ${placeholder}`}`;
  const width = Math.max(...ALL.map((one) => left(one).length)) + 2;
  const right = ({ help, fallback, takes }: Setting<unknown>): string =>
    fallback === undefined || takes === "switch" ? help : `${help} (default ${fallback})`;
  return ALL.map((one) => `${left(one).padEnd(width)}${right(one)}`).join("\n");
}
