/** The whole server on a scripted API server. On a real one: `npm run e2e:kubernetes`. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { type ApiServer, startApiServer } from "../server/sources/kubernetes/scripted-api.ts";
import { type RunningCommand, startEvenkeel } from "./harness/command.ts";

const PORTS = ["--xds", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--drain-delay", "0s"];

const service = (name: string, port = 80) => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name, namespace: "shop" },
  spec: { ports: [{ port }] },
});

const kubeconfigFor = (server: string): string =>
  JSON.stringify({
    "current-context": "scripted",
    contexts: [{ name: "scripted", context: { cluster: "scripted" } }],
    clusters: [{ name: "scripted", cluster: { server } }],
  });

/** `evenkeel serve --kubernetes` of a scripted API server, and of manifests too where there are some. */
async function serving(prepare: (api: ApiServer) => void, manifests?: object) {
  await using started = new AsyncDisposableStack();
  const api = started.use(await startApiServer());
  prepare(api);
  const folder = await mkdtemp(path.join(tmpdir(), "evenkeel-kubernetes-"));
  started.defer(() => rm(folder, { recursive: true, force: true }));
  const [kubeconfig, objects] = [path.join(folder, "kubeconfig"), path.join(folder, "objects.json")];
  await writeFile(kubeconfig, kubeconfigFor(api.url));
  if (manifests !== undefined) await writeFile(objects, JSON.stringify(manifests));
  const more = manifests === undefined ? [] : ["--manifests", objects];
  const command = started.use(startEvenkeel(["serve", "--kubernetes", "--kubeconfig", kubeconfig, ...more, ...PORTS]));
  const admin = await adminOf(command);
  const parts = started.move();
  return {
    get: async (url: string) => {
      const answer = await fetch(`http://${admin}${url}`);
      return { status: answer.status, text: await answer.text() };
    },
    ready: async () => expect(JSON.parse(await command.line(15_000))).toMatchObject({ msg: "ready" }),
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

async function adminOf(command: RunningCommand): Promise<string> {
  for (;;) {
    const { msg, admin } = JSON.parse(await command.complaint(15_000));
    if (msg === "reading") return admin;
  }
}

test("a cluster is served", async () => {
  await using server = await serving((api) => api.put(service("cart")));
  await server.ready();
  expect((await server.get("/v1/services/shop/cart")).status).toBe(200);
});

test("a right that is missing is named by /readyz?verbose and by a metric, and nothing is served", async () => {
  await using server = await serving((api) => {
    api.behaviour.fault = ({ resource }) => (resource === "services" ? { status: 403 } : undefined);
  });
  const rule = String.raw`{apiGroups: [\"\"], resources: [\"services\"], verbs: [\"get\", \"list\", \"watch\"]}`;
  await expect.poll(() => server.get("/readyz?verbose")).toEqual({ status: 503, text: expect.stringContaining(rule) });
  const metrics = await server.get("/metrics");
  expect(metrics.text).toContain('evenkeel_source_forbidden{kind="Service",verb="list"} 1');
});

test("of an object in both, that of the manifests is served, and the other is a problem", async () => {
  await using server = await serving((api) => api.put(service("cart", 80)), service("cart", 81));
  await server.ready();
  expect((await server.get("/v1/services/shop/cart")).text).toContain('"port":81');
  expect((await server.get("/v1/problems")).text).toContain("since manifests reports it too and comes first");
});
