import { settingsHelp } from "../../server/config.ts";
import { main } from "../../server/main.ts";
import type { Host } from "../command.ts";

export const help = `Usage: evenkeel serve --kubernetes [flags]
       evenkeel serve --manifests PATH [flags]

Serves xDS to gRPC clients and Envoy, and a view of everything to operators. Prints one line of JSON with both
addresses when it answers. Every flag may also be given in the environment, as EVENKEEL_ and its name in upper case
with _ for -, such as EVENKEEL_LOG_LEVEL; a flag wins. A flag without a value is "true" there.

${settingsHelp()}

SIGTERM and SIGINT end it in order; a second one ends it at once.
`;

export const run = (args: readonly string[], { version }: Host): Promise<number> => main(args, version);
