/** A pod that serves: answers each request with its name. It drains when it is told to end, as every gRPC server should. */
import { type Backend, startBackend } from "../../harness/backends.ts";
import { serveControl } from "./http.ts";
import { CONTROL_PORT, type Readiness } from "./protocol.ts";

const { POD_NAME = "", PORTS = "50051" } = process.env;
let readiness: Readiness = { ready: true };

serveControl(CONTROL_PORT, {
  "GET /ready": () => (readiness.ready ? readiness : undefined),
  "POST /ready": (body) => {
    readiness = body as Readiness;
    return readiness;
  },
  // As from lack of memory: nothing is ended in order.
  "POST /crash": () => process.kill(process.pid, "SIGKILL"),
});

const backends: readonly Backend[] = await Promise.all(
  PORTS.split(",").map((port) => startBackend(POD_NAME, "0.0.0.0", { port: Number(port) })),
);

// Its preStop hook has given clients the time to learn that it goes; what they have sent until now is answered.
process.on("SIGTERM", async () => {
  await Promise.all(backends.map((backend) => backend.stop()));
  process.exit(0);
});
