import { type ChannelOptions, Client, credentials, type Interceptor, Metadata, type ServiceError } from "@grpc/grpc-js";
import { type RegisterOptions, register } from "../../client/register.ts";
import { METHOD } from "./backends.ts";

interface DialOptions extends RegisterOptions {
  /** HOST:PORT of each, the preferred one first. */
  readonly servers: readonly string[];
  readonly channel?: ChannelOptions;
  /** More of the bootstrap's entries for each server. */
  readonly server?: object;
}

interface CallOptions {
  readonly deadlineMs?: number;
  readonly waitForReady?: boolean;
  readonly interceptors?: Interceptor[];
}

export const TARGET = "evenkeel:///greeter.default:8080";

/** Our client in this process, with a bootstrap of its own. */
export function dial({ servers, channel = {}, server = {}, ...registered }: DialOptions) {
  const common = { channel_creds: [{ type: "insecure" }], server_features: ["ignore_resource_deletion"], ...server };
  const entries = servers.map((uri) => ({ server_uri: uri, ...common }));
  process.env.GRPC_XDS_BOOTSTRAP_CONFIG = JSON.stringify({ xds_servers: entries, node: { id: "test" } });
  register(registered);
  const local = { "grpc.use_local_subchannel_pool": 1, ...channel };
  const client = new Client(TARGET, credentials.createInsecure(), local);
  const ask = ({ deadlineMs = 5000, waitForReady = false, interceptors = [] }: CallOptions = {}): Promise<string> => {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    client.makeUnaryRequest(
      METHOD,
      (text: string) => Buffer.from(text),
      (data: Buffer) => data.toString(),
      "who?",
      new Metadata({ waitForReady }),
      { deadline: Date.now() + deadlineMs, interceptors },
      (error: ServiceError | null, text = "") => (error === null ? resolve(text) : reject(error)),
    );
    return promise;
  };
  return { client, ask, [Symbol.dispose]: () => client.close() };
}
