import { expect, test } from "vitest";
import type { CallListener, ServerCall } from "../grpc/call.ts";
import type { Open } from "../grpc/server.ts";
import { silentLog } from "../log.ts";
import { serveReflection } from "./reflection.ts";

test("B13: what reflection needs is loaded again after it could not be loaded", async () => {
  const outcomes = [() => Promise.reject(new Error("no such file")), () => Promise.resolve(new Map())];
  let loads = 0;
  const load = () => outcomes[loads++]?.() ?? Promise.reject(new Error("loaded too often"));
  const opens: Open[] = [];
  serveReflection({ register: (_, open) => void opens.push(open) }, silentLog, load);
  const codes: number[] = [];
  for (let at = 0; at < 3; at += 1) {
    const end = ({ code }: { code: number }): void => void codes.push(code);
    opens[0]?.({ listen: (_: CallListener) => {}, pause: () => {}, end } as unknown as ServerCall);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect([loads, codes]).toEqual([2, [13, 13, 13]]);
});
