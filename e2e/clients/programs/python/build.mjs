import { spawnSync } from "node:child_process";
import { venv } from "../../../../scripts/venv.mjs";

const folder = "e2e/clients/programs/python";

export const toolchain = [["python3", "--version"]];

export async function build({ cacheDir, fail }) {
  const { status } = spawnSync("python3", ["-c", "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))"]);
  if (status !== 0) fail("Python 3.10 or later with venv: on Debian, apt-get install python3-venv");
  venv(cacheDir, `${folder}/requirements.txt`, fail);
}

export const command = (cacheDir) => [`${cacheDir}/bin/python`, `${folder}/client.py`];
