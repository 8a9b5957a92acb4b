import { shortSuite } from "./suite.ts";

shortSuite({
  name: "grpc-js-xds",
  kind: "grpc-node",
  program: { command: [process.execPath, "e2e/clients/programs/node/client.ts"] },
});
