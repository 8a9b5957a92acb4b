/** The least that grpc-js costs: shared bytes to every stream, frames counted, nothing understood. */
import { type handleBidiStreamingCall, Server, ServerCredentials, type ServerDuplexStream } from "@grpc/grpc-js";
import { AggregatedDiscoveryServiceService } from "../../gen/envoy/service/discovery/v3/ads.ts";
import { DiscoveryResponse } from "../../gen/envoy/service/discovery/v3/discovery.ts";
import { ASSIGNMENT } from "../../snapshots/type-url.ts";
import { answer } from "../remote.ts";
import { resources } from "./resources.ts";

const asBytes = (bytes: Buffer): Buffer => bytes;
const streams: ServerDuplexStream<Buffer, Buffer>[] = [];
let response: Buffer = Buffer.alloc(0);
let frames = 0;
let answered = { until: Number.POSITIVE_INFINITY, resolve: (): void => {} };

const onStream: handleBidiStreamingCall<Buffer, Buffer> = (stream) => {
  streams.push(stream);
  let isFirst = true;
  stream.on("data", () => {
    frames += 1;
    if (frames === answered.until) answered.resolve();
    if (isFirst) stream.write(response);
    isFirst = false;
  });
  stream.on("error", () => {});
};

const responseOf = (bytes: number): Buffer =>
  Buffer.from(
    DiscoveryResponse.encode(
      DiscoveryResponse.fromPartial({
        typeUrl: ASSIGNMENT,
        versionInfo: "0123456789abcdef",
        nonce: "1",
        resources: [{ typeUrl: ASSIGNMENT, value: new Uint8Array(bytes) }],
      }),
    ).finish(),
  );

export const bareCommands = answer({
  ...resources,
  listen: (assignmentBytes: number): Promise<number> => {
    response = responseOf(assignmentBytes);
    const server = new Server();
    const { path } = AggregatedDiscoveryServiceService.streamAggregatedResources;
    server.register(path, onStream, asBytes, asBytes, "bidi");
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) =>
      error === null ? resolve(port) : reject(error),
    );
    return promise;
  },
  push: (): void => {
    for (const stream of streams) stream.write(response);
  },
  /** Milliseconds from a push until as many frames were read as there are streams; with what came before it read already. */
  pushed: async (): Promise<number> => {
    const start = performance.now();
    const { promise, resolve } = Promise.withResolvers<void>();
    answered = { until: frames + streams.length, resolve };
    for (const stream of streams) stream.write(response);
    await promise;
    return performance.now() - start;
  },
  framesRead: (): number => frames,
});
