import { ServerCredentials, type sendUnaryData } from "@grpc/grpc-js";
import { XdsServer, XdsServerCredentials } from "@grpc/grpc-js-xds";

const to = (text: string): Buffer => Buffer.from(text);
const from = (data: Buffer): string => data.toString();

/** Answers `method` with `name` on `address`, HOST:PORT, as soon as the control plane has sent the listener; then says so. */
export function serve(address: string, method: string, name: string): void {
  const server = new XdsServer();
  server.register(method, (_: unknown, answer: sendUnaryData<string>) => answer(null, name), to, from, "unary");
  server.bindAsync(address, new XdsServerCredentials(ServerCredentials.createInsecure()), (error) => {
    if (error !== null) throw error;
    process.stdout.write(`${JSON.stringify({ kind: "serving", address })}\n`);
  });
}
