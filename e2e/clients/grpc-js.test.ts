import { clientScenarios } from "./scenarios.ts";

clientScenarios("grpc-js-xds", [process.execPath, "e2e/clients/node-client.ts"]);
