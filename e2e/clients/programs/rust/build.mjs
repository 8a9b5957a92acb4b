// Builds the client of tonic-xds. Not part of CI: with nothing cached it takes a quarter of an hour.
import { spawnSync } from "node:child_process";
import { copyFileSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";

const source = import.meta.dirname;

/** What the executable depends on besides its sources. */
export const toolchain = [["rustc", "--version"]];

/** The words that start what was built into that folder. */
export const command = (cacheDir) => [path.join(cacheDir, "client")];

/** Builds into that folder, with one processor, so that a machine that does something else can go on with it. */
export async function build({ cacheDir, fail }) {
  const [, wanted] = /^rust-version = "(.+)"$/m.exec(readFileSync(path.join(source, "Cargo.toml"), "utf8"));
  const lacking = `the client of tonic-xds needs Rust ${wanted} or later: get it at https://rustup.rs/`;
  const { status, stderr, error } = spawnSync("cargo", ["--version"], { encoding: "utf8" });
  if (status !== 0) fail(`cargo does not run: ${error?.message ?? stderr.trim()}`, lacking);
  const target = path.join(cacheDir, "target");
  const words = ["build", "--release", "--locked", "--jobs", "1", "--target-dir", target];
  const made = spawnSync("cargo", words, { cwd: source, stdio: "inherit" });
  if (made.status !== 0) fail("cargo build failed, see above.", lacking);
  copyFileSync(path.join(target, "release/client"), command(cacheDir)[0]);
  rmSync(target, { recursive: true });
}
