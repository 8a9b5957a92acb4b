/** What real clients say on their ADS streams, as files: recorded once from the client, replayed in every run of the tests. */
import {
  type ClientDuplexStream,
  credentials,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
} from "@grpc/grpc-js";
import type { Node } from "../../gen/envoy/config/core/v3/base.ts";
import {
  AggregatedDiscoveryServiceService as Ads,
  AggregatedDiscoveryServiceClient,
} from "../../gen/envoy/service/discovery/v3/ads.ts";
import type { DeltaDiscoveryRequest, DiscoveryRequest } from "../../gen/envoy/service/discovery/v3/discovery.ts";

/** Who the client said it is. */
interface RecordedNode {
  readonly id: string;
  readonly userAgentName: string;
  readonly userAgentVersion: string;
  readonly region: string;
  readonly zone: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly features: readonly string[];
}

/** What the requests of both variants have. */
interface Recorded {
  readonly typeUrl: string;
  readonly nonce: string;
  readonly node?: RecordedNode;
  readonly error?: string;
}

export interface RecordedSotw extends Recorded {
  readonly names: readonly string[];
  readonly versionInfo: string;
}

export interface RecordedDelta extends Recorded {
  readonly subscribe: readonly string[];
  readonly unsubscribe: readonly string[];
  readonly initialVersions: Readonly<Record<string, string>>;
}

/**
 * One client: its streams in the order in which they were opened, each with its requests in order; and how it was brought to say that,
 * where it was not by record.ts.
 */
export type Recording = { readonly client: string; readonly version: string; readonly how?: string } & (
  | { readonly variant: "sotw"; readonly streams: readonly (readonly RecordedSotw[])[] }
  | { readonly variant: "delta"; readonly streams: readonly (readonly RecordedDelta[])[] }
);

const versionOf = ({ userAgentVersionType: version }: Node): string => {
  if (version?.$case === "userAgentVersion") return version.value;
  const { majorNumber = 0, minorNumber = 0, patch = 0 } = version?.value.version ?? {};
  return version === undefined ? "" : `${majorNumber}.${minorNumber}.${patch}`;
};

const recordedNode = (node: Node): RecordedNode => ({
  id: node.id,
  userAgentName: node.userAgentName,
  userAgentVersion: versionOf(node),
  region: node.locality?.region ?? "",
  zone: node.locality?.zone ?? "",
  metadata: node.metadata ?? {},
  features: node.clientFeatures,
});

const common = ({ typeUrl, responseNonce, node, errorDetail }: DiscoveryRequest | DeltaDiscoveryRequest): Recorded => ({
  typeUrl,
  nonce: responseNonce,
  ...(node !== undefined && { node: recordedNode(node) }),
  ...(errorDetail !== undefined && { error: errorDetail.message }),
});

const sotwOf = (request: DiscoveryRequest): RecordedSotw => ({
  ...common(request),
  names: request.resourceNames,
  versionInfo: request.versionInfo,
});

const deltaOf = (request: DeltaDiscoveryRequest): RecordedDelta => ({
  ...common(request),
  subscribe: request.resourceNamesSubscribe,
  unsubscribe: request.resourceNamesUnsubscribe,
  initialVersions: request.initialResourceVersions,
});

/** Hands on both ways; either end ends the other. */
function join<Request, Response>(
  here: ServerDuplexStream<Request, Response>,
  there: ClientDuplexStream<Request, Response>,
  note: (request: Request) => void,
): void {
  here.on("data", (request: Request) => {
    note(request);
    there.write(request);
  });
  here.on("end", () => there.end());
  here.on("cancelled", () => there.cancel());
  there.on("data", (response: Response) => here.write(response));
  there.on("error", (error) => here.emit("error", error)); // so does grpc-js end a stream with a status
  there.on("end", () => here.end());
}

/** A server of its own that hands on to another one, and notes what clients say on the way. */
export async function startRecorder(to: string) {
  const onward = new AggregatedDiscoveryServiceClient(to, credentials.createInsecure());
  const sotw: RecordedSotw[][] = [];
  const delta: RecordedDelta[][] = [];
  const server = new Server();
  server.addService(Ads, {
    streamAggregatedResources: (here: ServerDuplexStream<DiscoveryRequest, never>) => {
      const requests: RecordedSotw[] = [];
      sotw.push(requests);
      join(here, onward.streamAggregatedResources() as never, (request) => requests.push(sotwOf(request)));
    },
    deltaAggregatedResources: (here: ServerDuplexStream<DeltaDiscoveryRequest, never>) => {
      const requests: RecordedDelta[] = [];
      delta.push(requests);
      join(here, onward.deltaAggregatedResources() as never, (request) => requests.push(deltaOf(request)));
    },
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return {
    address: `127.0.0.1:${port}`,
    sotw,
    delta,
    [Symbol.dispose]: () => {
      server.forceShutdown();
      onward.close();
    },
  };
}
