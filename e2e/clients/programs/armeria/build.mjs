// Builds the client of Armeria, which shares its traffic with that of grpc-java.
import { buildJvm } from "../java/jvm.mjs";

export { command, toolchain } from "../java/jvm.mjs";

/** What it is built from besides its own files. */
export const sources = ["../java/jvm.mjs", "../java/shared/*"];

export const build = async (to) => buildJvm(import.meta.dirname, to);
