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
    kubernetes: false,
    xds: { host: "127.0.0.1", port: 18_000 },
    admin: { host: "127.0.0.1", port: 18_001 },
    logLevel: "info",
    removalGraceMs: 30_000,
    defaultMode: "weighted",
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
  ["kubeconfig", "kubeconfig", "admin.conf", "admin.conf", ""],
  ["context", "context", "staging", "staging", " "],
  ["namespaces", "namespace", "shop, bank,shop", ["shop", "bank"], "Shop"],
  ["selector", "selector", "app=cart,tier!=test", "app=cart,tier!=test", "app cart"],
  ["xds", "xds", "[::1]:0", { host: "::1", port: 0 }, "1.2.3.4"],
  ["admin", "admin", "0.0.0.0:9", { host: "0.0.0.0", port: 9 }, "[1.2.3.4]:9"],
  ["logLevel", "log-level", "debug", "debug", "loud"],
  ["removalGraceMs", "removal-grace", "1m30s", 90_000, "30"],
  ["gatherMs", "gather", "0", 0, "2s"],
  ["defaultMode", "zone-mode", "prefer-node", "prefer-node", "local"],
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

test("the table above has every setting but the only switch", () => {
  expect([...TABLE.map(([key]) => key), "kubernetes"].toSorted()).toEqual(Object.keys(configOf([])).toSorted());
});

test.each(TABLE)("%s is read from --%s and from the environment", (key, flag, text, meaning) => {
  const others = ["--kubernetes"];
  const results = [
    readConfig([...others, `--${flag}`, text], {}),
    readConfig([...others, `--${flag}=${text}`], {}),
    readConfig(others, { [variable(flag)]: text }),
  ];
  expect(results.map((read) => read.kind === "config" && read.config[key])).toEqual([meaning, meaning, meaning]);
});

test.each(TABLE.filter(([, , , , wrong]) => wrong !== undefined))("a wrong %s is named", (_, flag, __, ___, wrong) => {
  const others = ["--kubernetes"];
  expect(problemsOf([...others, `--${flag}=${wrong}`])).toEqual([expect.stringMatching(`^--${flag} must be `)]);
  expect(problemsOf(others, { [variable(flag)]: `${wrong}` })).toEqual([
    expect.stringMatching(`^${variable(flag)} must be `),
  ]);
});

test.each([
  [["--kubernetes"], {}, true],
  [[], { EVENKEEL_KUBERNETES: "true" }, true],
  [[], { EVENKEEL_KUBERNETES: "false" }, false],
] as const)("%j with %j reads a cluster: %j", (args, env, kubernetes) => {
  expect(configOf(args, env).kubernetes).toBe(kubernetes);
});

test("something must be read, and a cluster is one of two", () => {
  expect(problemsOf([])).toEqual(["--kubernetes or --manifests must be given"]);
  expect(problemsOf(["--kubernetes"])).toEqual([]);
  expect(problemsOf(["--kubernetes", "--manifests", "folder"])).toEqual([]);
  expect(problemsOf([], { EVENKEEL_KUBERNETES: "yes" })).toEqual([
    'EVENKEEL_KUBERNETES must be true or false, not "yes"',
  ]);
});

test.each([
  ["--kubeconfig", "file"],
  ["--context", "staging"],
  ["--namespace", "shop"],
  ["--selector", "app=cart"],
])("%s without a cluster is refused", (flag, value) => {
  expect(problemsOf(["--manifests", "folder", flag, value])).toEqual([
    `${flag} (${variable(flag.slice(2))}) is only for a cluster: give --kubernetes too`,
  ]);
});

test("namespaces are given one by one as well", () => {
  const config = configOf(["--kubernetes", "--namespace", "shop", "--namespace=bank,shop"]);
  expect(config.namespaces).toEqual(["shop", "bank"]);
});

test.each([
  "app=cart",
  "app==cart,tier!=test",
  "example.com/app = cart , !legacy",
  "env in (a, b)",
  "env notin (a),team",
  "app=",
])("%s is a selector", (text) => {
  expect(configOf(["--kubernetes", "--selector", text]).selector).toBe(text);
});

test.each(["", ",", "app=cart,", "app=a=b", "env in a", "env in (a", "=cart", "app>1", "a/b/c=d"])(
  "%j is no selector, and what is one is said",
  (text) => {
    expect(problemsOf(["--kubernetes", `--selector=${text}`])).toEqual([
      expect.stringMatching(/^--selector must be a label selector such as app=cart/),
    ]);
  },
);

test("a flag wins over the environment", () => {
  expect(configOf(["--gather", "1ms"], { EVENKEEL_GATHER: "2ms" }).gatherMs).toBe(1);
});

test("everything that is wrong is named at once", () => {
  expect(problemsOf(["--xd", "1", "--gather", "x", "stray", "--admin"], { EVENKEEL_LOG_LEVEL: "loud" })).toEqual([
    "unknown flag --xd; did you mean --xds?",
    "--admin needs a value",
    'unexpected argument "stray"',
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
    "  --manifests PATH                     serve a file or folder of Kubernetes YAML, watched; wins where a cluster has the same object
      --kubernetes                         serve a cluster: the one it runs in, or that of the kubeconfig
      --kubeconfig FILE                    kubeconfig of the cluster, instead of $KUBECONFIG or ~/.kube/config
      --context NAME                       context of the kubeconfig, instead of its current one
      --namespace NAME                     read only this namespace of the cluster; may be given several times, or with commas
      --selector SELECTOR                  serve only Services of the cluster with these labels, such as app=cart,tier!=test
      --xds HOST:PORT                      where gRPC clients and Envoy connect (default 127.0.0.1:18000)
      --admin HOST:PORT                    where operators look: REST, metrics, health (default 127.0.0.1:18001)
      --log-level LEVEL                    debug, info, warn, error, silent; written to standard error (default info)
      --removal-grace DURATION             how long a deleted Service keeps its last endpoints (default 30s)
      --gather DURATION                    how long changes are gathered while a first one is on its way (default 20ms)
      --zone-mode MODE                     how zones share the load of a Service that does not say: weighted, spread, prefer, prefer-node, filter (default weighted)
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
