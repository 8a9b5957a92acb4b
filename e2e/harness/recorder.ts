import {
  Client,
  type ClientDuplexStream,
  credentials,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServiceError,
} from "@grpc/grpc-js";
import { Node } from "../../gen/envoy/config/core/v3/base.ts";
import { AggregatedDiscoveryServiceService } from "../../gen/envoy/service/discovery/v3/ads.ts";
import { DiscoveryRequest } from "../../gen/envoy/service/discovery/v3/discovery.ts";

/** A request as a real client sent it. */
interface RecordedRequest {
  readonly typeUrl: string;
  readonly names: readonly string[];
  readonly versionInfo: string;
  readonly nonce: string;
  /** As protobuf writes it in JSON, where the request has one. */
  readonly node?: Readonly<Record<string, unknown>>;
  /** The text of a NACK. */
  readonly error?: string;
}

interface Recorder extends AsyncDisposable {
  /** HOST:PORT, for clients, in place of the server's. */
  readonly xds: string;
  /** What was asked on each stream, in the order in which they were opened. */
  readonly streams: readonly (readonly RecordedRequest[])[];
  /** Breaks all connections; new ones are taken at the same address. */
  cut(): Promise<void>;
}

type Call = ServerDuplexStream<Buffer, Buffer>;

const { path } = AggregatedDiscoveryServiceService.streamAggregatedResources;
const unchanged = (bytes: Buffer): Buffer => bytes;
const SERVICE = {
  ads: {
    path,
    requestStream: true,
    responseStream: true,
    requestSerialize: unchanged,
    requestDeserialize: unchanged,
    responseSerialize: unchanged,
    responseDeserialize: unchanged,
  },
};

function recorded(bytes: Buffer): RecordedRequest {
  const { typeUrl, resourceNames, versionInfo, responseNonce, node, errorDetail } = DiscoveryRequest.decode(bytes);
  return {
    typeUrl,
    names: resourceNames,
    versionInfo,
    nonce: responseNonce,
    ...(node === undefined ? {} : { node: Node.toJSON(node) as Record<string, unknown> }),
    ...(errorDetail === undefined ? {} : { error: errorDetail.message }),
  };
}

/** Hands messages on in both directions, byte for byte, until either side ends. */
function relay(call: Call, upstream: ClientDuplexStream<Buffer, Buffer>): void {
  call.on("data", (bytes: Buffer) => upstream.write(bytes));
  call.on("end", () => upstream.end());
  call.on("cancelled", () => upstream.cancel());
  upstream.on("data", (bytes: Buffer) => call.write(bytes));
  upstream.on("end", () => call.end());
  upstream.on("error", (error: ServiceError) => call.destroy(error));
}

async function listen(address: string, take: (call: Call) => void) {
  const server = new Server();
  server.addService(SERVICE, { ads: take });
  const bound = Promise.withResolvers<number>();
  server.bindAsync(address, ServerCredentials.createInsecure(), (error, port) =>
    error === null ? bound.resolve(port) : bound.reject(error),
  );
  return { server, port: await bound.promise };
}

/** Stands between clients and the server at `upstream`, and notes what they ask in state of the world. */
export async function startRecorder(upstream: string): Promise<Recorder> {
  const streams: RecordedRequest[][] = [];
  const client = new Client(upstream, credentials.createInsecure());
  const take = (call: Call): void => {
    const stream: RecordedRequest[] = [];
    streams.push(stream);
    call.on("data", (bytes: Buffer) => stream.push(recorded(bytes)));
    relay(call, client.makeBidiStreamRequest(path, unchanged, unchanged));
  };
  let { server, port } = await listen("127.0.0.1:0", take);
  const xds = `127.0.0.1:${port}`;
  return {
    xds,
    streams,
    cut: async () => {
      server.forceShutdown();
      ({ server } = await listen(xds, take));
    },
    [Symbol.asyncDispose]: async () => {
      server.forceShutdown();
      client.close();
    },
  };
}
