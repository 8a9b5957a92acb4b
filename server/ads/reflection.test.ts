import { EventEmitter } from "node:events";
import { expect, test } from "vitest";
import { silentLog } from "../log.ts";
import { serveReflection } from "./reflection.ts";

test("B13: what reflection needs is loaded again after it could not be loaded", async () => {
  const outcomes = [() => Promise.reject(new Error("no such file")), () => Promise.resolve(new Map())];
  let loads = 0;
  const load = () => outcomes[loads++]?.() ?? Promise.reject(new Error("loaded too often"));
  const open: ((call: EventEmitter) => void)[] = [];
  serveReflection({ register: (_, handler) => open.push(handler as never) > 0 }, silentLog, load);
  const codes: number[] = [];
  for (let at = 0; at < 3; at += 1) {
    const call = new EventEmitter();
    call.on("error", ({ code }: { code: number }) => codes.push(code));
    open[0]?.(call);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect([loads, codes]).toEqual([2, [13]]);
});
