import { execFile } from "node:child_process";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { beforeAll, describe, expect, test } from "vitest";
import { bootstrapOf } from "../../cli/bootstrap.ts";
import { METHOD, startBackend } from "../harness/backends.ts";
import { startControlPlane } from "../harness/control-plane.ts";
import { manifest, nodes, service } from "../harness/objects.ts";

const run = promisify(execFile);

/** The Node of the tests, and one of version 20 if the path has it: the oldest that the package promises to run on. */
async function runtimes(): Promise<readonly string[]> {
  const folders = (process.env.PATH ?? "").split(path.delimiter).filter((folder) => !folder.includes("node_modules"));
  const found = await Promise.all(
    folders.map(async (folder) => {
      const program = path.join(folder, "node");
      const version = await run(program, ["--version"]).catch(() => undefined);
      return version?.stdout.startsWith("v20.") ? [program] : [];
    }),
  );
  return [process.execPath, ...found.flat().slice(0, 1)];
}

describe.each(await runtimes())("the built package on %s", (node) => {
  beforeAll(() => run("npm", ["run", "build"], { cwd: "client" }), 180_000);

  test("answers, and nothing keeps the process alive after close", { timeout: 60_000 }, async () => {
    await using pod = await startBackend("one", "127.0.1.1");
    const pods = [{ address: pod.address, port: pod.port, zone: "a" }];
    const objects = [...nodes("r", "a"), ...service({ name: "greeter", pods })];
    await using plane = await startControlPlane({ manifests: manifest(...objects) });
    const bootstrap = bootstrapOf({ server: plane.xds, id: "packed", region: "r", zone: "a", metadata: {} });
    const built = pathToFileURL("client/dist/client/register.js").href;
    const { GRPC_XDS_BOOTSTRAP: _, ...inherited } = process.env;
    const env = { ...inherited, GRPC_XDS_BOOTSTRAP_CONFIG: JSON.stringify(bootstrap) };
    const args = ["e2e/clients/packed-client.mjs", built, "evenkeel:///greeter.default:8080", METHOD];
    const { stdout } = await run(node, args, { env, timeout: 15_000 });
    expect(JSON.parse(stdout)).toMatchObject({ pod: "one" });
  });
});
