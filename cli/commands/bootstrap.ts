import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { complaint, readFlags } from "../../server/flags.ts";
import { BOOTSTRAP_FLAGS, bootstrapOf, identityOf } from "../bootstrap.ts";
import type { Host } from "../command.ts";

export const help = `Usage: evenkeel bootstrap --server ADDRESS [flags]

Prints the bootstrap of a gRPC client, which reads it from the file named by GRPC_XDS_BOOTSTRAP
or as text from GRPC_XDS_BOOTSTRAP_CONFIG.

  --server ADDRESS      where evenkeel serves xDS: HOST:PORT, dns:///HOST:PORT or unix:PATH (required)
  --node-id ID          unique for each process (default: host name, process id and a random part)
  --region REGION       where the client runs, as the label topology.kubernetes.io/region says
  --zone ZONE           the same for topology.kubernetes.io/zone
  --sub-zone NAME       a part of the zone
  --metadata KEY=VALUE  more to say of the client; may be repeated

POD_NAME, NAMESPACE (or POD_NAMESPACE) and NODE_NAME are taken into the metadata from the environment.
`;

export async function run(args: readonly string[], { env, pid, stdout, stderr }: Host): Promise<number> {
  const uniqueId = `${hostname()}-${pid}-${randomBytes(4).toString("hex")}`;
  const { identity, problems } = identityOf(readFlags(args, BOOTSTRAP_FLAGS), env, uniqueId);
  if (problems.length > 0) {
    stderr.write(complaint("bootstrap", problems));
    return 2;
  }
  stdout.write(`${JSON.stringify(bootstrapOf(identity), undefined, 2)}\n`);
  return 0;
}
