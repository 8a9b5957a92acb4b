// A virtual environment of Python with pinned packages, made anew when the pins change.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";

function endWith(...reasons) {
  for (const reason of reasons) console.error(reason);
  process.exit(1);
}

/** Makes it in `folder`, with what the file `requirements` pins; calls `fail` with the reasons if that fails, or ends the process. */
export function venv(folder, requirements, fail = endWith) {
  const run = (program, ...args) => {
    const { status, error } = spawnSync(program, args, { stdio: "inherit" });
    if (status === 0) return;
    const reason = `${program} ${args.join(" ")} failed${error === undefined ? "" : `: ${error.message}`}.`;
    fail(reason, "It needs python3 (3.9 or later) with venv and pip: on Debian, apt-get install python3-venv.");
  };
  const pins = readFileSync(requirements, "utf8");
  const mark = `${folder}/installed.txt`;
  if (existsSync(mark) && readFileSync(mark, "utf8") === pins) return;
  run("python3", "-m", "venv", "--clear", folder);
  const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
  run(`${folder}/bin/python`, ...pip, "-r", requirements);
  writeFileSync(mark, pins);
}
