import { BinaryReader } from "@bufbuild/protobuf/wire";
import {
  type Server,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
  status,
} from "@grpc/grpc-js";
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

interface HealthCheck {
  readonly service: string;
}

type ServingStatus = "SERVING" | "NOT_SERVING" | "SERVICE_UNKNOWN";

/** `HealthCheckResponse`: one field, an enum. */
const RESPONSES: Readonly<Record<ServingStatus, Buffer>> = {
  SERVING: Buffer.from([0x08, 1]),
  NOT_SERVING: Buffer.from([0x08, 2]),
  SERVICE_UNKNOWN: Buffer.from([0x08, 3]),
};

/** `HealthCheckRequest`: the name of a service. Throws at bytes that are no message, which grpc-js answers. */
function readCheck(bytes: Uint8Array): HealthCheck {
  const reader = new BinaryReader(bytes);
  let service = "";
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === 1) service = reader.string();
    else reader.skip(wireType, field);
  }
  return { service };
}

const writeStatus = (of: ServingStatus): Buffer => RESPONSES[of];

type Watcher = ServerWritableStream<HealthCheck, ServingStatus>;

/** Serving from the start; the two messages are so small that they are written here by hand. */
export function serveHealth(server: Server): Health {
  const watchers = createSideCalls<Watcher>();
  let current: ServingStatus = "SERVING";
  const statusFor = ({ service }: HealthCheck): ServingStatus => (SERVICES.has(service) ? current : "SERVICE_UNKNOWN");
  const check = (
    { request }: ServerUnaryCall<HealthCheck, ServingStatus>,
    answer: sendUnaryData<ServingStatus>,
  ): void => {
    if (SERVICES.has(request.service)) answer(null, current);
    else answer({ code: status.NOT_FOUND, details: "unknown service" });
  };
  const watch = (call: Watcher): void => {
    call.write(statusFor(call.request));
    watchers.add(call);
  };
  server.register(`${PATH}Check`, check, writeStatus, readCheck, "unary");
  server.register(`${PATH}Watch`, watch, writeStatus, readCheck, "serverStream");
  return {
    notServing: () => {
      if (current === "NOT_SERVING") return;
      current = "NOT_SERVING";
      for (const watcher of watchers.open) if (SERVICES.has(watcher.request.service)) watcher.write(current);
    },
    drain: watchers.drain,
  };
}
