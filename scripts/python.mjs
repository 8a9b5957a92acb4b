// Makes a virtual environment under .cache/ with the pinned gRPC of e2e/python/requirements.txt, once per set of pins.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";

const folder = ".cache/python";
const pins = readFileSync("e2e/python/requirements.txt", "utf8");
const mark = `${folder}/installed.txt`;

function run(program, ...args) {
  const { status, error } = spawnSync(program, args, { stdio: "inherit" });
  if (status === 0) return;
  console.error(`${program} ${args.join(" ")} failed${error === undefined ? "" : `: ${error.message}`}.`);
  console.error(
    "The Python suite needs python3 (3.9 or later) with venv and pip: on Debian, apt-get install python3-venv.",
  );
  process.exit(1);
}

if (!existsSync(mark) || readFileSync(mark, "utf8") !== pins) {
  run("python3", "-m", "venv", "--clear", folder);
  run(
    `${folder}/bin/python`,
    "-m",
    "pip",
    "install",
    "--quiet",
    "--disable-pip-version-check",
    "-r",
    "e2e/python/requirements.txt",
  );
  writeFileSync(mark, pins);
}
