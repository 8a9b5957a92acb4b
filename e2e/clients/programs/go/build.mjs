// Builds the client of grpc-go: one executable without dependencies.
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, renameSync } from "node:fs";
import path from "node:path";

const source = import.meta.dirname;
const env = { ...process.env, CGO_ENABLED: "0" };
const FLAGS = ["-trimpath", "-buildvcs=false", "-tags=grpcnotrace", "-ldflags=-s -w"];

/** What the executable depends on besides its sources. */
export const toolchain = [["go", "version"]];

/** The words that start what was built into that folder. */
export const command = (cacheDir) => [path.join(cacheDir, "client")];

/** Builds into that folder; takes a minute and a half of processor time when Go has nothing cached. */
export async function build({ cacheDir, fail }) {
  const [, wanted] = /^go (\S+)$/m.exec(readFileSync(path.join(source, "go.mod"), "utf8"));
  const lacking = [
    `the client of grpc-go needs Go ${wanted} or later, and nothing else.`,
    "get it at https://go.dev/dl/, or with a Go from 1.21 on set GOTOOLCHAIN=auto: it then fetches the version it needs.",
  ];
  const { status, stderr, error } = spawnSync("go", ["version"], { cwd: source, env, encoding: "utf8" });
  if (status !== 0) fail(`go does not run: ${error?.message ?? stderr.trim()}`, ...lacking);
  mkdirSync(cacheDir, { recursive: true });
  const [built] = command(cacheDir);
  const fresh = `${built}.${process.pid}`; // a build that is interrupted leaves no executable behind
  const made = spawnSync("go", ["build", ...FLAGS, "-o", fresh, "."], { cwd: source, env, stdio: "inherit" });
  if (made.status !== 0) fail("go build failed, see above.", ...lacking);
  renameSync(fresh, built);
}
