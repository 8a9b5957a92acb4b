// An ordinary gRPC server: it knows nothing of evenkeel.
// Usage: node server.js HOST:PORT POD
import { Server, ServerCredentials } from "@grpc/grpc-js";
import { Greeter } from "./greeter.js";

const [address = "127.0.0.1:50051", pod = "greeter"] = process.argv.slice(2);

process.on("disconnect", () => process.exit(0)); // a parent process that is gone needs it no more

const server = new Server();
server.addService(Greeter.service, {
  greet: ({ request }, answer) => answer(null, { text: `Hello, ${request.name}`, pod }),
});
server.bindAsync(address, ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  console.log(`${pod} listens on port ${port}`);
});

/** Finishes the requests it has, as Kubernetes asks of a pod that is to go. */
const drain = () => server.tryShutdown(() => process.exit(0));
process.on("SIGTERM", drain);
