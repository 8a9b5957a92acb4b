import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { glob, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { connectSotw } from "./harness/ads-client.ts";
import { startEvenkeel } from "./harness/command.ts";

const run = promisify(execFile);
const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };

/** What prepack and packing do, without `prepare`, which would write gen/ anew under the other tests. */
async function pack(destination: string): Promise<string> {
  await run("npm", ["run", "build"]);
  await run("npm", ["pack", "--ignore-scripts", "--pack-destination", destination]);
  const [tarball = ""] = await readdir(destination);
  return path.join(destination, tarball);
}

test("packed and installed in an empty folder, it runs from JavaScript alone", { timeout: 180_000 }, async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "evenkeel-pack-"));
  await using ends = new AsyncDisposableStack();
  ends.defer(() => rm(folder, { recursive: true, force: true }));
  const tarball = await pack(folder);
  await writeFile(path.join(folder, "package.json"), "{}");
  await run("npm", ["install", tarball, "--prefer-offline", "--no-audit", "--no-fund"], { cwd: folder });
  const { stdout } = await run("npx", ["--no-install", "evenkeel", "--version"], { cwd: folder });
  expect(stdout).toBe(`${version}\n`);

  const installed = path.join(folder, "node_modules", "evenkeel");
  expect(await Array.fromAsync(glob("**/*.ts", { cwd: installed }))).toEqual([]);

  const program = path.join(folder, "node_modules", ".bin", "evenkeel");
  const manifests = path.join(installed, "examples", "manifests");
  const flags = ["--manifests", manifests, "--xds", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--drain-delay", "0s"];
  await using server = startEvenkeel(["serve", ...flags], { program });
  const { xds } = JSON.parse(await server.line(20_000)) as { xds: string };
  using client = connectSotw(xds);
  expect((await client.assignment("greeter.default:8080")).endpoints).not.toEqual([]);
  server.kill("SIGTERM");
  expect((await server.result).code).toBe(0);
});
