import type { EventEmitter } from "node:events";
import { type Ending, statusOf } from "./ending.ts";

/** Open calls of other services than discovery. They have no end of their own, and must not hold up a drain. */
export interface SideCalls<Call> {
  readonly open: ReadonlySet<Call>;
  add(call: Call): void;
  end(call: Call, ending: Ending): void;
  /** Ends all of them, and from now on each that is added (S30). */
  drain(): void;
}

export function createSideCalls<Call extends EventEmitter>(): SideCalls<Call> {
  const open = new Set<Call>();
  let draining = false;
  const end = (call: Call, ending: Ending): void => {
    if (open.delete(call)) call.emit("error", statusOf(ending));
  };
  return {
    open,
    add: (call) => {
      open.add(call);
      call.on("cancelled", () => open.delete(call));
      call.on("close", () => open.delete(call));
      if (draining) end(call, "the server is draining");
    },
    end,
    drain: () => {
      draining = true;
      for (const call of open) end(call, "the server is draining");
    },
  };
}
