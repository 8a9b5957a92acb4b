import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { complaint, readFlags } from "../../server/flags.ts";
import { BOOTSTRAP_FLAGS } from "../bootstrap.ts";
import { printed } from "../bootstrap-text.ts";
import type { Host } from "../command.ts";

export const help = `Usage: evenkeel bootstrap --server ADDRESS [flags]

Prints the bootstrap of a client, which says where evenkeel is and who the client is. docs/connect/ says what to do with it.

  --server ADDRESS      where evenkeel serves xDS: HOST:PORT, dns:///HOST:PORT or unix:PATH (required)
  --for CLIENT          go (default), java, python, cpp, node or rust: the JSON that every gRPC library reads; armeria:
                        Envoy's bootstrap as JSON; envoy: the same as YAML. Ruby and PHP read what cpp reads, Kotlin and
                        Scala what java reads
  --output FORM         file (default): what the file named by GRPC_XDS_BOOTSTRAP is to have, or that of envoy -c
                        env: the same for a shell, GRPC_XDS_BOOTSTRAP_CONFIG='...', or XDS_BOOTSTRAP='...' for armeria
                        and envoy, which know no variable. Programs get it once it is exported, as by
                        eval "export $(evenkeel bootstrap --server ADDRESS --output env)"
                        kubernetes: the same as the env: of a container, filled in by the downward API
  --node-id ID          unique for each process (default: host name, process id and a random part)
  --region REGION       where the client runs, as the label topology.kubernetes.io/region says
  --zone ZONE           the same for topology.kubernetes.io/zone
  --sub-zone NAME       a part of the zone
  --metadata KEY=VALUE  more to say of the client; may be repeated

POD_NAME, NAMESPACE (or POD_NAMESPACE) and NODE_NAME are taken into the metadata from the environment.
`;

export async function run(args: readonly string[], { env, pid, stdout, stderr }: Host): Promise<number> {
  const uniqueId = `${hostname()}-${pid}-${randomBytes(4).toString("hex")}`;
  const result = printed(readFlags(args, BOOTSTRAP_FLAGS), env, uniqueId);
  if (result.kind === "wrong") {
    stderr.write(complaint("bootstrap", result.problems));
    return 2;
  }
  stdout.write(result.text);
  return 0;
}
