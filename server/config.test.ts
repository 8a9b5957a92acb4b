import { expect, test } from "vitest";
import { type Config, readConfig, settingsHelp } from "./config.ts";

const configOf = (args: readonly string[], env: Record<string, string> = {}): Config => {
  const read = readConfig(["--manifests", "folder", ...args], env);
  if (read.kind === "wrong") throw new Error(read.problems.join("\n"));
  return read.config;
};

const problemsOf = (args: readonly string[], env: Record<string, string> = {}): readonly string[] => {
  const read = readConfig(args, env);
  return read.kind === "wrong" ? read.problems : [];
};

test("with manifests alone, everything else has its default", () => {
  expect(configOf([])).toEqual({
    manifests: "folder",
    xds: { host: "127.0.0.1", port: 18_000 },
    admin: { host: "127.0.0.1", port: 18_001 },
    logLevel: "info",
    removalGraceMs: 30_000,
    gatherMs: 20,
    clusterDomain: "cluster.local",
    drainDelayMs: 5000,
    drainGraceMs: 10_000,
    maxConnectionAgeMs: 1_800_000,
    maxConnectionAgeGraceMs: 20_000,
    connectionRate: 10_000,
    requestRate: 500,
    legacyWildcard: ["envoy"],
  });
});

/** For each setting: its flag, a text, what that means, and a text that is wrong. */
const TABLE = [
  ["manifests", "manifests", "a.yaml", "a.yaml", ""],
  ["xds", "xds", "[::1]:0", { host: "::1", port: 0 }, "1.2.3.4"],
  ["admin", "admin", "0.0.0.0:9", { host: "0.0.0.0", port: 9 }, "[1.2.3.4]:9"],
  ["logLevel", "log-level", "debug", "debug", "loud"],
  ["removalGraceMs", "removal-grace", "1m30s", 90_000, "30"],
  ["gatherMs", "gather", "0", 0, "2s"],
  ["clusterDomain", "cluster-domain", "k8s.example", "k8s.example", ".local"],
  ["drainDelayMs", "drain-delay", "250ms", 250, "-1s"],
  ["drainGraceMs", "drain-grace", "1.5s", 1500, "soon"],
  ["maxConnectionAgeMs", "max-connection-age", "1h", 3_600_000, "0s"],
  ["maxConnectionAgeGraceMs", "max-connection-age-grace", "30s", 30_000, "0s"],
  ["connectionRate", "connection-rate", "7", 7, "0"],
  ["requestRate", "request-rate", "7", 7, "many"],
  ["legacyWildcard", "legacy-wildcard", "envoy, mine", ["envoy", "mine"], undefined],
] as const;

const variable = (flag: string): string => `EVENKEEL_${flag.toUpperCase().replaceAll("-", "_")}`;

test("the table below has every setting", () => {
  expect(TABLE.map(([key]) => key).toSorted()).toEqual(Object.keys(configOf([])).toSorted());
});

test.each(TABLE)("%s is read from --%s and from the environment", (key, flag, text, meaning) => {
  const others = flag === "manifests" ? [] : ["--manifests", "folder"];
  const results = [
    readConfig([...others, `--${flag}`, text], {}),
    readConfig([...others, `--${flag}=${text}`], {}),
    readConfig(others, { [variable(flag)]: text }),
  ];
  expect(results.map((read) => read.kind === "config" && read.config[key])).toEqual([meaning, meaning, meaning]);
});

test.each(TABLE.filter(([, , , , wrong]) => wrong !== undefined))("a wrong %s is named", (_, flag, __, ___, wrong) => {
  const others = flag === "manifests" ? [] : ["--manifests", "folder"];
  expect(problemsOf([...others, `--${flag}=${wrong}`])).toEqual([expect.stringMatching(`^--${flag} must be `)]);
  expect(problemsOf(others, { [variable(flag)]: `${wrong}` })).toEqual([
    expect.stringMatching(`^${variable(flag)} must be `),
  ]);
});

test("a flag wins over the environment", () => {
  expect(configOf(["--gather", "1ms"], { EVENKEEL_GATHER: "2ms" }).gatherMs).toBe(1);
});

test("everything that is wrong is named at once", () => {
  expect(problemsOf(["--xd", "1", "--gather", "x", "stray", "--admin"], { EVENKEEL_LOG_LEVEL: "loud" })).toEqual([
    "unknown flag --xd; did you mean --xds?",
    "--admin needs a value",
    'unexpected argument "stray"',
    "--manifests must be given",
    'EVENKEEL_LOG_LEVEL must be one of debug, info, warn, error, silent, not "loud"',
    '--gather must be a duration from 0s to 1s, such as 500ms, 30s or 1m30s, not "x"',
  ]);
});

test.each(["18000", ":18000", "::1:18000", "[::1]", "host:70000", "host:-1", "a b:1", "[host]:1"])(
  "%s is no address to listen on",
  (text) => {
    expect(problemsOf(["--manifests", "folder", "--xds", text])).toHaveLength(1);
  },
);

test("variables that Kubernetes sets for a Service named evenkeel do not disturb", () => {
  expect(configOf([], { EVENKEEL_PORT: "tcp://10.0.0.1:18000", EVENKEEL_SERVICE_HOST: "10.0.0.1" })).toEqual(
    configOf([]),
  );
});

test("the help names every setting with its default", () => {
  expect(settingsHelp()).toMatchInlineSnapshot(`
    "  --manifests PATH                     file or folder of Kubernetes YAML to serve, watched (required)
      --xds HOST:PORT                      where gRPC clients and Envoy connect (default 127.0.0.1:18000)
      --admin HOST:PORT                    where operators look: REST, metrics, health (default 127.0.0.1:18001)
      --log-level LEVEL                    debug, info, warn, error, silent; written to standard error (default info)
      --removal-grace DURATION             how long a deleted Service keeps its last endpoints (default 30s)
      --gather DURATION                    how long changes are gathered while a first one is on its way (default 20ms)
      --cluster-domain DOMAIN              suffix of host names that clients may dial (default cluster.local)
      --drain-delay DURATION               after SIGTERM, time for others to learn that this server is not ready (SIGINT does not wait) (default 5s)
      --drain-grace DURATION               then, time in which streams are ended one after the other (default 10s)
      --max-connection-age DURATION        age at which a connection is asked to reconnect, give or take a tenth (default 30m)
      --max-connection-age-grace DURATION  then, time until it is closed (default 20s)
      --connection-rate NUMBER             new connections per second that are accepted in the long run, twice as many at once (default 10000)
      --request-rate NUMBER                requests per second that one stream may send in the long run, ten times as many at once (default 500)
      --legacy-wildcard NAMES              user agents whose empty first request means everything, separated by commas (default envoy)"
  `);
});
