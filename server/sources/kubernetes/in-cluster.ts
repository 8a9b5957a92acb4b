import { readFile } from "node:fs/promises";
import { isIPv6 } from "node:net";
import type { Clock } from "../../clock.ts";
import type { Access, Target } from "./access.ts";

export interface InClusterOptions {
  readonly host: string;
  readonly port: string;
  readonly files: { readonly token: string; readonly ca: string };
  readonly clock: Clock;
}

const FOLDER = "/var/run/secrets/kubernetes.io/serviceaccount";
export const SERVICE_ACCOUNT = { token: `${FOLDER}/token`, ca: `${FOLDER}/ca.crt` };

/** The kubelet replaces a projected token long before it ends, so this is often enough (L9). */
const REREAD_MS = 60_000;

/** The service account of the pod. Its token and the certificate authority are read again and again. */
export function inCluster({ host, port, files, clock }: InClusterOptions): Access {
  const server = new URL(`https://${isIPv6(host) ? `[${host}]` : host}:${port}`);
  let held: { readonly target: Target; readonly readAt: number } | undefined;
  return {
    where: "the API server of this cluster",
    target: async () => {
      if (held !== undefined && clock.now() - held.readAt < REREAD_MS) return held.target;
      const [token, ca] = await Promise.all([readFile(files.token, "utf8"), readFile(files.ca)]);
      held = {
        target: { server, headers: { authorization: `Bearer ${token.trim()}` }, tls: { ca } },
        readAt: clock.now(),
      };
      return held.target;
    },
    renew: () => {
      held = undefined;
    },
  };
}
