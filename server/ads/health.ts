import { BinaryReader } from "@bufbuild/protobuf/wire";
import {
  type Server,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
  status,
} from "@grpc/grpc-js";
import { ADS } from "./service.ts";

/** `grpc.health.v1`, for load balancers and probes (B13). */
export interface Health {
  setServing(serving: boolean): void;
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

/** Serving from the start; the two messages are so small that they are written here by hand. */
export function serveHealth(server: Server): Health {
  const watchers = new Set<ServerWritableStream<HealthCheck, ServingStatus>>();
  let current: ServingStatus = "SERVING";
  const check = (
    { request }: ServerUnaryCall<HealthCheck, ServingStatus>,
    answer: sendUnaryData<ServingStatus>,
  ): void => {
    if (SERVICES.has(request.service)) answer(null, current);
    else answer({ code: status.NOT_FOUND, details: "unknown service" });
  };
  const watch = (call: ServerWritableStream<HealthCheck, ServingStatus>): void => {
    if (!SERVICES.has(call.request.service)) {
      call.write("SERVICE_UNKNOWN");
      return;
    }
    watchers.add(call);
    call.on("cancelled", () => watchers.delete(call));
    call.write(current);
  };
  server.register(`${PATH}Check`, check, writeStatus, readCheck, "unary");
  server.register(`${PATH}Watch`, watch, writeStatus, readCheck, "serverStream");
  return {
    setServing: (serving) => {
      current = serving ? "SERVING" : "NOT_SERVING";
      for (const watcher of watchers) watcher.write(current);
    },
  };
}
