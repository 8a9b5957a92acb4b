import type { ServerCall } from "../grpc/call.ts";
import { type Ending, statusOf } from "./ending.ts";

/** Open calls of other services than discovery. They have no end of their own, and must not hold up a drain. */
export interface SideCalls {
  readonly open: ReadonlySet<ServerCall>;
  /** Given back by `closed`. */
  add(call: ServerCall): void;
  closed(call: ServerCall): void;
  end(call: ServerCall, ending: Ending): void;
  /** Ends all of them, and from now on each that is added (S30). */
  drain(): void;
}

export function createSideCalls(): SideCalls {
  const open = new Set<ServerCall>();
  let draining = false;
  const end = (call: ServerCall, ending: Ending): void => {
    if (open.delete(call)) call.end(statusOf(ending));
  };
  return {
    open,
    add: (call) => {
      open.add(call);
      if (draining) end(call, "the server is draining");
    },
    closed: (call) => void open.delete(call),
    end,
    drain: () => {
      draining = true;
      for (const call of open) end(call, "the server is draining");
    },
  };
}
