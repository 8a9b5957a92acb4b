import { shortSuite } from "./suite.ts";

shortSuite({
  name: "evenkeel-client",
  kind: "evenkeel",
  program: { command: [process.execPath, "e2e/clients/programs/node/client.ts", "--client", "evenkeel"] },
});
