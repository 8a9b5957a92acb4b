// Builds the client of grpc-java.
import { buildJvm } from "./jvm.mjs";

export { command, toolchain } from "./jvm.mjs";

export const build = async (to) => buildJvm(import.meta.dirname, to);
