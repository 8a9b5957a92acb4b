// Runs a command beside a real Kubernetes control plane (e2e/cluster/README.md), with KUBECONFIG and CLUSTER_DIR set:
//   npm run cluster -- [--keep-dir] [--nodes NAME=ZONE,...] [--] [COMMAND ...]
// Without a command, it names the kubeconfig and runs until it is interrupted. Ends with the command's exit status.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const source = path.join(root, "e2e/cluster");
const cache = path.join(root, ".cache/cluster");
const FLAGS = ["-trimpath", "-buildvcs=false", "-tags=grpcnotrace,notest", "-ldflags=-s -w"];
// Where ip is, also for those whose path has no place for it.
const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };

function fail(...lines) {
  for (const line of lines) console.error(`cluster: ${line}`);
  process.exit(2);
}

/** Runs the program in the foreground, passes signals on to it, and gives its exit status. */
function run([program, ...args], options) {
  const child = spawn(program, args, { stdio: "inherit", env, ...options });
  const forward = (signal) => child.kill(signal);
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
  for (const signal of signals) process.on(signal, forward);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      for (const name of signals) process.off(name, forward);
      resolve(code ?? 128 + constants.signals[signal]);
    });
  });
}

/** Runs the program in silence, and gives its status, error and texts. */
const ask = ([program, ...args], options) => spawnSync(program, args, { env, encoding: "utf8", ...options });

/** The Go toolchain's version, as it says itself. */
function goVersion() {
  const wanted = /^go (\S+)$/m.exec(readFileSync(path.join(source, "go.mod"), "utf8"))[1];
  const lacking = [
    `the control plane is built from source and needs Go ${wanted} or later, and nothing else.`,
    "get it at https://go.dev/dl/, or with a Go from 1.21 on set GOTOOLCHAIN=auto: it then fetches the version it needs.",
  ];
  const { stdout, stderr, error, status } = ask(["go", "version"], { cwd: source });
  if (status !== 0) fail(`go does not run: ${error?.message ?? stderr.trim()}`, ...lacking);
  const [, found] = / go(\d+\.\d+(?:\.\d+)?)/.exec(stdout) ?? [];
  if (found !== undefined && isOlder(found, wanted)) fail(`go is ${found}, too old.`, ...lacking);
  return stdout.trim();
}

function isOlder(found, wanted) {
  const [major, minor, patch = 0] = found.split(".").map(Number);
  const [wantedMajor, wantedMinor, wantedPatch = 0] = wanted.split(".").map(Number);
  return (major - wantedMajor || minor - wantedMinor || patch - wantedPatch) < 0;
}

/** Names all that the executable depends on. */
function cacheKey(version) {
  const hash = createHash("sha256").update(JSON.stringify([version, FLAGS]));
  const files = readdirSync(source, { recursive: true }).filter(
    (file) => /(?:^|\/)go\.(?:mod|sum)$|\.go$/.test(file) && !file.endsWith("_test.go"),
  );
  for (const file of files.sort()) hash.update(`\0${file}\0`).update(readFileSync(path.join(source, file)));
  return hash.digest("hex").slice(0, 16);
}

/** The path of the executable, built where the cache has none. */
async function executable() {
  const key = cacheKey(goVersion());
  const built = path.join(cache, key, "cluster");
  if (existsSync(built)) return built;
  console.error("cluster: building; about 15 minutes of processor time at first, half a minute after small changes");
  mkdirSync(path.dirname(built), { recursive: true });
  const fresh = `${built}.${process.pid}`; // a build that is interrupted leaves no executable behind
  const status = await run(["go", "build", ...FLAGS, "-o", fresh, "."], {
    cwd: source,
    env: { ...env, CGO_ENABLED: "0" },
  });
  if (status !== 0) process.exit(status);
  renameSync(fresh, built);
  for (const other of readdirSync(cache)) if (other !== key) rmSync(path.join(cache, other), { recursive: true });
  return built;
}

/** The words before a command that give it a network, mounts, and root's rights over both. */
function namespaced() {
  const own = ["unshare", "--net", "--mount"];
  const mapped = ["unshare", "--map-root-user", "--net", "--mount"];
  const asked = ["sudo", "-n", "-E", ...own, "env", `PATH=${env.PATH}`]; // sudo has a path of its own
  const needs = ["sh", "-c", "ip link add probe type bridge && mount -t tmpfs none /var/run"];
  const tried = [];
  for (const words of process.getuid() === 0 ? [own, mapped] : [mapped, asked]) {
    const { status, stderr, error } = ask([...words, ...needs]);
    if (status === 0) return words;
    tried.push(`tried ${words.slice(0, 6).join(" ")}: ${error?.message ?? stderr.trim()}`);
  }
  return fail(
    "pods need network namespaces, with iproute2 and util-linux, and this system allows none.",
    ...tried,
    "allow unprivileged user namespaces (Ubuntu: sysctl kernel.apparmor_restrict_unprivileged_userns=0), or run as root.",
  );
}

function parse(args) {
  const options = { keep: false, flags: [], command: [] };
  const rest = [...args];
  while (rest[0]?.startsWith("--")) {
    const option = rest.shift();
    if (option === "--") break;
    else if (option === "--keep-dir") options.keep = true;
    else if (option === "--nodes") options.flags.push(option, rest.shift() ?? "");
    else
      fail(
        `unknown option ${option}`,
        "usage: npm run cluster -- [--keep-dir] [--nodes NAME=ZONE,...] [--] [COMMAND ...]",
      );
  }
  return { ...options, command: rest };
}

if (process.platform !== "linux") fail("pods are processes in network namespaces: this needs Linux.");
const { keep, flags, command } = parse(process.argv.slice(2));
const words = namespaced();
const program = await executable();
const dir = mkdtempSync(path.join(tmpdir(), "evenkeel-cluster-"));
process.exitCode = await run([...words, program, "up", "--dir", dir, ...flags, "--", ...command]);
if (keep) console.error(`cluster: kept ${dir}`);
else if (words[0] === "sudo") ask(["sudo", "-n", "rm", "-rf", dir]);
else rmSync(dir, { recursive: true, force: true });
