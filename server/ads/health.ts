import { BinaryReader } from "@bufbuild/protobuf/wire";
import type { CallListener, ServerCall } from "../grpc/call.ts";
import { frameOf } from "../grpc/framing.ts";
import type { GrpcServer } from "../grpc/server.ts";
import { STATUS } from "../grpc/status.ts";
import { statusOf } from "./ending.ts";
import { ADS } from "./service.ts";
import { createSideCalls } from "./side-calls.ts";

/** `grpc.health.v1`, for load balancers and probes (B13). */
export interface Health {
  /** Tells those who watch and those who will ask. */
  notServing(): void;
  /** Ends every watch, and from now on each new one, once it was told. */
  drain(): void;
}

const PATH = "/grpc.health.v1.Health/";
/** "" stands for the server as a whole. */
const SERVICES: ReadonlySet<string> = new Set(["", ADS]);

type ServingStatus = "SERVING" | "NOT_SERVING" | "SERVICE_UNKNOWN";

/** `HealthCheckResponse`: one field, an enum. */
const RESPONSES: Readonly<Record<ServingStatus, Buffer>> = {
  SERVING: frameOf(Buffer.from([0x08, 1])),
  NOT_SERVING: frameOf(Buffer.from([0x08, 2])),
  SERVICE_UNKNOWN: frameOf(Buffer.from([0x08, 3])),
};

/** The service that a `HealthCheckRequest` names; undefined at bytes that are no message. */
function serviceIn(bytes: Uint8Array): string | undefined {
  try {
    const reader = new BinaryReader(bytes);
    let service = "";
    while (reader.pos < reader.len) {
      const [field, wireType] = reader.tag();
      if (field === 1) service = reader.string();
      else reader.skip(wireType, field);
    }
    return service;
  } catch {
    return undefined; // the client's mistake, of which it is told
  }
}

/** A call with one message from the client, the name of a service. */
const asking = (call: ServerCall, ask: (service: string) => void, closed = (): void => {}): CallListener => ({
  message: (bytes) => {
    const service = serviceIn(bytes);
    if (service === undefined) call.end(statusOf("the request cannot be decoded"));
    else ask(service);
  },
  halfClosed: () => {},
  closed,
});

/** Serving from the start; the two messages are so small that they are written here by hand. */
export function serveHealth(server: Pick<GrpcServer, "register">): Health {
  const watchers = createSideCalls();
  /** What each watcher asked for. */
  const watched = new WeakMap<ServerCall, string>();
  let current: ServingStatus = "SERVING";
  const responseFor = (service: string): Buffer => RESPONSES[SERVICES.has(service) ? current : "SERVICE_UNKNOWN"];
  const check = (call: ServerCall, service: string): void => {
    const isKnown = SERVICES.has(service);
    if (isKnown) call.write(responseFor(service));
    call.end(isKnown ? { code: STATUS.OK, details: "" } : { code: STATUS.NOT_FOUND, details: "unknown service" });
  };
  const watch = (call: ServerCall, service: string): void => {
    watched.set(call, service);
    call.write(responseFor(service));
    watchers.add(call);
  };
  server.register(`${PATH}Check`, (call) => call.listen(asking(call, (service) => check(call, service))));
  server.register(`${PATH}Watch`, (call) => {
    const ask = (service: string): void => watch(call, service);
    call.listen(asking(call, ask, () => watchers.closed(call)));
  });
  return {
    notServing: () => {
      if (current === "NOT_SERVING") return;
      current = "NOT_SERVING";
      for (const watcher of watchers.open) {
        const service = watched.get(watcher) ?? "";
        if (SERVICES.has(service)) watcher.write(responseFor(service));
      }
    },
    drain: watchers.drain,
  };
}
