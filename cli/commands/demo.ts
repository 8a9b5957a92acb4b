import { complaint, readFlags } from "../../server/flags.ts";
import type { Host } from "../command.ts";
import { runDemo } from "../demo/demo.ts";

export const help = `Usage: evenkeel demo [--keep] [--quick] [--picture FILE]

Starts evenkeel on a copy of the example manifests, nine real gRPC servers in three zones, and real gRPC clients in each
zone; adds pods, removes pods and takes a zone away while requests flow; then shows what happened. Beside it, the same
requests over connections to the address of a Service, as kube-proxy balances them. Takes about 40 seconds. Pods have
addresses of their own, such as 127.0.1.1; where the system lacks those, as macOS does, they differ by port.

  --keep   leave everything running at the end, until Ctrl-C
  --quick  look at each part for a shorter time
  --picture FILE
           also draw the requests of each pod into an SVG file

Exit code 0: no request failed and all figures hold. 1: the last lines say what did not.
`;

export async function run(args: readonly string[], host: Host): Promise<number> {
  const { given, positionals, problems } = readFlags(args, {
    keep: "switch",
    quick: "switch",
    picture: "value",
  });
  const all = [...problems, ...positionals.map((word) => `unexpected argument "${word}"`)];
  if (all.length > 0) {
    host.stderr.write(complaint("demo", all));
    return 2;
  }
  return runDemo({ keep: given.has("keep"), quick: given.has("quick"), picture: given.get("picture")?.[0] }, host);
}
