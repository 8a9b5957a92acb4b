// Looks over every shell script of the repository. ShellCheck comes from PyPI, whose package brings the program itself.
import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import { venv } from "./venv.mjs";

const folder = ".cache/shellcheck";
const scripts = [".ci/run", ...globSync("{e2e,scripts,bench,deploy,examples}/**/*.sh")];

venv(folder, "scripts/shellcheck.txt");
const { status } = spawnSync(`${folder}/bin/shellcheck`, scripts, { stdio: "inherit" });
if (status === 0) console.log(`shellcheck finds nothing in ${scripts.join(", ")}`);
process.exit(status ?? 1);
