/** The script with programs that only write down how they were called: no docker, no cluster, no suite. */
import { execFile } from "node:child_process";
import { chmod, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";

interface Outcome {
  readonly code: number;
  readonly calls: readonly string[];
  readonly stderr: string;
}

/** Runs it where `programs` are all that stands in for real ones; the body of each is shell. */
async function runWith(programs: Readonly<Record<string, string>>): Promise<Outcome> {
  const folder = await mkdtemp(path.join(tmpdir(), "evenkeel-kind-"));
  await using ends = new AsyncDisposableStack();
  ends.defer(() => rm(folder, { recursive: true, force: true }));
  const log = path.join(folder, "calls");
  await writeFile(log, "");
  for (const [name, body] of Object.entries(programs)) {
    const file = path.join(folder, name);
    await writeFile(file, `#!/bin/sh\necho "${name} $*" >> ${log}\n${body}\n`);
    await chmod(file, 0o755);
  }
  for (const name of ["dirname", "mktemp", "rm"]) await symlink(`/usr/bin/${name}`, path.join(folder, name));
  const { code, stderr } = await new Promise<{ code: number; stderr: string }>((resolve) => {
    execFile("/bin/bash", ["e2e/kind/run.sh"], { env: { PATH: folder } }, (error, _, written) =>
      resolve({ code: Number(error?.code ?? 0), stderr: written }),
    );
  });
  return { code, stderr, calls: (await readFile(log, "utf8")).trim().split("\n") };
}

const ALL = { docker: "", kind: "", kubectl: "", npx: "" };
const isDeletion = (call: string): boolean => /^kind delete cluster --name evenkeel-e2e-\d+$/.test(call);

test("it says which programs are lacking, and ends with 2", async () => {
  const { code, stderr } = await runWith({ kubectl: "" });
  expect(code).toBe(2);
  expect(stderr).toContain("needs docker kind, which");
});

test("it says that docker does not run, and ends with 2", async () => {
  const { code, stderr } = await runWith({ ...ALL, docker: "exit 1" });
  expect(code).toBe(2);
  expect(stderr).toContain("docker that runs");
});

test("it builds, loads, applies, runs the suite on its own cluster and deletes it", async () => {
  const suite = 'test "$EVENKEEL_E2E $EVENKEEL_E2E_IMAGE" = "kind evenkeel-e2e:kind" && test -n "$KUBECONFIG"';
  const { code, calls } = await runWith({ ...ALL, npx: suite });
  expect(code).toBe(0);
  expect(calls.map((call) => call.split(" ").slice(0, 2).join(" "))).toEqual([
    "docker info",
    "docker build",
    "docker build",
    "kind create",
    "kind load",
    "kubectl apply",
    "kubectl --namespace",
    "npx vitest",
    "kind delete",
  ]);
});

test.each([
  ["the suite fails", { npx: "exit 7" }],
  ["the server does not become ready", { kubectl: 'test "$1" = apply || exit 7' }],
  ["the cluster comes up by half", { kind: 'test "$1" = delete || exit 7' }],
])("the cluster is deleted and the exit code kept when %s", async (_, failing) => {
  const { code, calls } = await runWith({ ...ALL, ...failing });
  expect(code).toBe(7);
  expect(isDeletion(calls.at(-1) ?? "")).toBe(true);
});
