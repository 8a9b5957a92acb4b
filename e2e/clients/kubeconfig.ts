import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

/** A kubeconfig that leads to this URL without credentials, until disposed of. */
export async function writeKubeconfig(server: string): Promise<AsyncDisposable & { readonly file: string }> {
  const folder = await mkdtemp(path.join(tmpdir(), "evenkeel-kubeconfig-"));
  const file = path.join(folder, "kubeconfig");
  const contexts = [{ name: "e2e", context: { cluster: "e2e" } }];
  const clusters = [{ name: "e2e", cluster: { server } }];
  await writeFile(file, JSON.stringify({ "current-context": "e2e", contexts, clusters }));
  return { file, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}
