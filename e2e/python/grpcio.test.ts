import { clientScenarios } from "../clients/scenarios.ts";

clientScenarios("grpcio", [".cache/python/bin/python", "e2e/python/client.py"]);
