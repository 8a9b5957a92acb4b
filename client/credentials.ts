import { readFileSync } from "node:fs";
import { ChannelCredentials, experimental } from "@grpc/grpc-js";
import type { ServerCredentials } from "./bootstrap.ts";

/**
 * Channel credentials as the bootstrap describes them. With a file for the CA, all files are read again at their interval; without,
 * the system's roots hold, and the client's certificate is read once.
 */
export function channelCredentials(from: ServerCredentials): ChannelCredentials {
  if (from.kind === "insecure") return ChannelCredentials.createInsecure();
  const { caFile, certificateFile, keyFile, refreshMs } = from;
  const read = (file: string | undefined): Buffer | null => (file === undefined ? null : readFileSync(file));
  if (caFile === undefined) return ChannelCredentials.createSsl(null, read(keyFile), read(certificateFile));
  const provider = new experimental.FileWatcherCertificateProvider({
    caCertificateFile: caFile,
    ...(certificateFile === undefined ? {} : { certificateFile }),
    ...(keyFile === undefined ? {} : { privateKeyFile: keyFile }),
    refreshIntervalMs: refreshMs,
  });
  return experimental.createCertificateProviderChannelCredentials(
    provider,
    certificateFile === undefined ? null : provider,
  );
}
