import { clientScenarios } from "./scenarios.ts";

clientScenarios("evenkeel-client", [process.execPath, "e2e/clients/node-client.ts", "--client", "evenkeel"]);
