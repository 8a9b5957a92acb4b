// Runs a command that has to end in time: node scripts/within.mjs MINUTES COMMAND...
// One that does not is told to end, after it was shown what runs and on which processor time, and counts as failed (124).
import { spawn, spawnSync } from "node:child_process";
import { constants } from "node:os";

const [minutes, program, ...args] = process.argv.slice(2);
const GRACE_MS = 30_000;

const child = spawn(program, args, { stdio: "inherit", detached: true }); // a group, so that all of it can be told to end
const tell = (signal) => {
  try {
    process.kill(-child.pid, signal);
  } catch {} // it has ended meanwhile
};
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => tell(signal));

let overdue = false;
const limit = setTimeout(() => {
  overdue = true;
  console.error(`within: ${[program, ...args].join(" ")} has not ended after ${minutes} minutes. What runs:`);
  spawnSync("ps", ["-eLo", "pid,ppid,tid,stat,time,wchan:20,comm,args", "--sort", "pid"], { stdio: "inherit" });
  tell("SIGTERM");
  setTimeout(() => tell("SIGKILL"), GRACE_MS).unref();
}, minutes * 60_000);

child.on("error", (error) => {
  console.error(`within: ${error.message}`);
  process.exit(127);
});
child.on("exit", (code, signal) => {
  clearTimeout(limit);
  process.exitCode = overdue ? 124 : (code ?? 128 + constants.signals[signal]);
  if (overdue) tell("SIGKILL"); // what its own end has left
});
