// A virtual environment of Python with pinned packages, made anew when the pins change.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";

function run(program, ...args) {
  const { status, error } = spawnSync(program, args, { stdio: "inherit" });
  if (status === 0) return;
  console.error(`${program} ${args.join(" ")} failed${error === undefined ? "" : `: ${error.message}`}.`);
  console.error("It needs python3 (3.9 or later) with venv and pip: on Debian, apt-get install python3-venv.");
  process.exit(1);
}

/** Makes it in `folder`, with what the file `requirements` pins; ends the process with a reason if that fails. */
export function venv(folder, requirements) {
  const pins = readFileSync(requirements, "utf8");
  const mark = `${folder}/installed.txt`;
  if (existsSync(mark) && readFileSync(mark, "utf8") === pins) return;
  run("python3", "-m", "venv", "--clear", folder);
  const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
  run(`${folder}/bin/python`, ...pip, "-r", requirements);
  writeFileSync(mark, pins);
}
