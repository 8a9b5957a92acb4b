import { readFileSync } from "node:fs";
import { glob } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";

/** Small files that every folder of server/ is given. */
const GIVEN = [
  "server/address",
  "server/clock",
  "server/convergence",
  "server/current",
  "server/log",
  "server/metrics",
  "server/hot-metrics",
  "server/roster",
  "server/status",
];

/** What a file may import besides its own folder, longest matching folder first. Packages are listed below. */
const ARROWS: readonly (readonly [folder: string, allowed: readonly string[]])[] = [
  ["snapshots/balance/", ["snapshots/order"]],
  ["snapshots/", ["gen/"]],
  ["server/sources/", ["snapshots/", ...GIVEN]],
  ["server/grpc/", []],
  ["server/ads/", ["snapshots/", "gen/", "server/grpc/", ...GIVEN]],
  ["server/admin/", ["snapshots/", "gen/", ...GIVEN]],
  [
    "server/pipeline",
    ["snapshots/", "server/sources/source", "server/sources/store", "server/hold-off", "server/pipeline/", ...GIVEN],
  ],
  ["server/main.ts", ["server/compose", "server/config", "server/flags", ...GIVEN]],
  ["server/compose.ts", ["server/"]],
  ["server/", ["snapshots/", ...GIVEN]],
  [
    "cli/",
    [
      "server/main",
      "server/compose",
      "server/config",
      "server/flags",
      "server/log",
      "server/sources/",
      "server/admin/api",
      "server/admin/resolve-view",
      "server/admin/simulate-view",
      "snapshots/",
      "gen/",
    ],
  ],
  ["client/pick/", []],
  ["client/", ["gen/"]],
  ["proto/", []],
  ["e2e/", ["*"]],
  ["bench/", ["*"]],
];

/** Packages that exactly one file, or one folder, may import. */
const ONE_DOOR: readonly (readonly [pattern: RegExp, door: RegExp])[] = [
  [/^@kubernetes\/client-node/, /^server\/sources\/kubernetes\/auth-plugin\.ts$/],
  [/^@fastify\//, /^server\/admin\/(server|api)\.ts$/],
  [
    /^yaml$/,
    /^(server\/sources\/(manifests\/parse|kubernetes\/kubeconfig-files)|cli\/(commands\/translate|bootstrap-text))\.ts$/,
  ],
  [/^prom-client$/, /^server\/metrics\.ts$/],
  [/^pino$/, /^server\/log\.ts$/],
];

/** All that the client may load in a user's process. */
const CLIENT_PACKAGES = /^(node:.*|@grpc\/grpc-js|@bufbuild\/protobuf\/wire)$/;
const PURE_PACKAGES = /^(node:crypto|node:net|@bufbuild\/protobuf.*)$/;

interface Import {
  readonly from: string;
  readonly to: string;
}

const importsIn = (file: string): Import[] =>
  [
    ...readFileSync(file, "utf8").matchAll(
      /^(?:import|export)\b[^;]*?from\s+"([^"]+)"|^import\s+"([^"]+)"|import\("([^"]+)"\)/gm,
    ),
  ].map((match) => ({ from: file, to: match[1] ?? match[2] ?? match[3] ?? "" }));

const isTest = (file: string): boolean => /\.(test|contract)\.ts$/.test(file);

/** The place in the repository that a relative import means. */
const target = ({ from, to }: Import): string => path.posix.join(path.posix.dirname(from), to);

function allowed(edge: Import): boolean {
  if (!edge.to.startsWith(".")) return allowedPackage(edge);
  const to = target(edge);
  const [folder, list] = ARROWS.find(([prefix]) => edge.from.startsWith(prefix)) ?? ["", []];
  const own = folder.endsWith("/") && to.startsWith(folder) && sameSource(edge.from, to);
  return own || list.some((prefix) => prefix === "*" || to.startsWith(prefix));
}

/** Sources never import each other; what all of them share lies directly in server/sources/. */
function sameSource(from: string, to: string): boolean {
  const [, source] = /^server\/sources\/([^/]+)\//.exec(from) ?? [];
  const [, other] = /^server\/sources\/([^/]+)\//.exec(to) ?? [];
  return other === undefined || source === other;
}

function allowedPackage({ from, to }: Import): boolean {
  const doors = ONE_DOOR.filter(([pattern]) => pattern.test(to));
  if (doors.length > 0) return doors.some(([, door]) => door.test(from));
  if (from.startsWith("client/pick/")) return to === "node:crypto";
  if (from.startsWith("client/")) return CLIENT_PACKAGES.test(to);
  return !from.startsWith("snapshots/") || PURE_PACKAGES.test(to);
}

const files = (await Array.fromAsync(glob("{snapshots,server,cli,proto,client}/**/*.ts")))
  .filter((file) => !isTest(file) && !file.includes("/dist/"))
  .toSorted();

describe("imports follow the arrows of the architecture", () => {
  test.each(files)("%s", (file) => {
    expect(importsIn(file).filter((edge) => !allowed(edge))).toEqual([]);
  });
});

test.each([
  ["snapshots/view.ts", "../server/roster.ts"],
  ["snapshots/balance/spill.ts", "../objects.ts"],
  ["snapshots/view.ts", "node:fs"],
  ["server/ads/stream.ts", "../admin/views.ts"],
  ["server/ads/stream.ts", "../pipeline.ts"],
  ["server/sources/manifests/parse.ts", "../kubernetes/watch.ts"],
  ["server/admin/routes.ts", "prom-client"],
  ["cli/commands/serve.ts", "../../server/ads/service.ts"],
  ["client/resolver.ts", "../snapshots/view.ts"],
  ["client/resolver.ts", "@grpc/grpc-js-xds"],
  ["client/pick/less-busy.ts", "../pod.ts"],
  ["cli/commands/explain.ts", "../../server/admin/routes.ts"],
])("%s may not import %s", (from, to) => {
  expect(allowed({ from, to })).toBe(false);
});

test.each([
  ["snapshots/view.ts", "./names.ts"],
  ["server/ads/stream.ts", "../roster.ts"],
  ["server/sources/manifests/parse.ts", "../project.ts"],
  ["server/compose.ts", "./ads/service.ts"],
  ["cli/commands/translate.ts", "../../snapshots/view.ts"],
  ["client/parse/cluster.ts", "../../gen/envoy/config/cluster/v3/cluster.ts"],
])("%s may import %s", (from, to) => {
  expect(allowed({ from, to })).toBe(true);
});

test("there are files to look at", () => {
  expect(files.length).toBeGreaterThan(20);
});
