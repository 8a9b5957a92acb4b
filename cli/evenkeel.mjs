#!/usr/bin/env node
// Plain JavaScript, so that also a Node that is too old says what is needed instead of a syntax error.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import * as module from "node:module";
import { fileURLToPath } from "node:url";

const NEEDED = 24;
const FLUSH_AFTER_MS = 5000;
const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** Runs this file again with the Node of the checkout, and ends as that one ends. */
function runWith(node) {
  const child = spawn(node, [...process.execArgv, ...process.argv.slice(1)], { stdio: "inherit" });
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  process.on("SIGINT", () => {}); // a terminal sends it to both
  child.on("exit", (code) => process.exit(code ?? 1));
}

const isRecent = Number.parseInt(process.versions.node, 10) >= NEEDED;
const inCheckout = existsSync(here("main.ts"));
const ownNode = here("../node_modules/node/bin/node");

if (isRecent) {
  module.enableCompileCache();
  // Else only an orderly end keeps what was compiled, and after a crash the next start would be slow as well.
  setTimeout(module.flushCompileCache, FLUSH_AFTER_MS).unref();
  await import(inCheckout ? "./main.ts" : "../dist/cli/main.js");
} else if (inCheckout && existsSync(ownNode) && process.execPath !== ownNode) {
  runWith(ownNode);
} else {
  console.error(`evenkeel needs Node ${NEEDED} or newer; this is ${process.version} (${process.execPath}).`);
  process.exit(2);
}
