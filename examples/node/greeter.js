import { fileURLToPath } from "node:url";
import { loadPackageDefinition } from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";

const file = fileURLToPath(new URL("greeter.proto", import.meta.url));

export const { Greeter } = loadPackageDefinition(loadSync(file)).greeter;
