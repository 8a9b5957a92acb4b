import { type ClientDuplexStream, credentials, type ServiceError } from "@grpc/grpc-js";
import { ClusterLoadAssignment } from "../../gen/envoy/config/endpoint/v3/endpoint.ts";
import type { LbEndpoint } from "../../gen/envoy/config/endpoint/v3/endpoint_components.ts";
import { AggregatedDiscoveryServiceClient } from "../../gen/envoy/service/discovery/v3/ads.ts";
import {
  DeltaDiscoveryRequest,
  type DeltaDiscoveryResponse,
  DiscoveryRequest,
  type DiscoveryResponse,
} from "../../gen/envoy/service/discovery/v3/discovery.ts";
import { ASSIGNMENT, type TypeUrl } from "../../snapshots/type-url.ts";
import { createQueue } from "./queue.ts";

export interface NodeOptions {
  readonly id?: string;
  readonly userAgentName?: string;
  readonly userAgentVersion?: string;
  readonly features?: readonly string[];
  readonly region?: string;
  readonly zone?: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

const nodeOf = ({ region = "", zone = "", ...said }: NodeOptions) => ({
  id: said.id ?? "test",
  cluster: "",
  metadata: said.metadata ?? {},
  locality: { region, zone, subZone: "" },
  userAgentName: said.userAgentName ?? "gRPC test",
  userAgentVersionType: { $case: "userAgentVersion" as const, value: said.userAgentVersion ?? "1" },
  clientFeatures: [...(said.features ?? [])],
});

/** One raw stream over real gRPC: it says just what the test tells it to. Closing it closes its connection. */
function open<Request, Response extends { readonly nonce: string }>(
  call: ClientDuplexStream<Request, Response>,
  close: () => void,
) {
  const responses = createQueue<Response>("response");
  const ended = Promise.withResolvers<ServiceError | undefined>();
  call.on("data", (response: Response) => responses.put(response));
  call.on("error", (error: ServiceError) => {
    responses.fail(error);
    ended.resolve(error);
  });
  call.on("end", () => {
    responses.fail(new Error("the stream has ended"));
    ended.resolve(undefined);
  });
  return {
    responses,
    /** How the stream ended: the error, or undefined for OK. */
    ended: ended.promise,
    call,
    write: (request: Request): void => {
      call.write(request);
    },
    [Symbol.dispose]: () => {
      call.cancel();
      close();
    },
  };
}

const connect = (address: string): AggregatedDiscoveryServiceClient =>
  new AggregatedDiscoveryServiceClient(address, credentials.createInsecure(), { "grpc.use_local_subchannel_pool": 1 });

export interface SotwRequest {
  readonly names?: readonly string[];
  readonly version?: string;
  readonly nonce?: string;
  readonly error?: string;
}

/** A raw state-of-the-world client. */
export function connectSotw(address: string, node: NodeOptions = {}) {
  const client = connect(address);
  const stream = open(client.streamAggregatedResources(), () => client.close());
  let first = true;
  const ask = (typeUrl: TypeUrl | string, { names = [], version = "", nonce = "", error }: SotwRequest): void => {
    stream.write(
      DiscoveryRequest.fromPartial({
        ...(first ? { node: nodeOf(node) } : {}),
        typeUrl,
        resourceNames: [...names],
        versionInfo: version,
        responseNonce: nonce,
        ...(error === undefined ? {} : { errorDetail: { code: 3, message: error } }),
      }),
    );
    first = false;
  };
  const next = (withinMs?: number): Promise<DiscoveryResponse> => stream.responses.take(withinMs);
  return {
    ...stream,
    ask,
    next,
    ack: (response: DiscoveryResponse, names: readonly string[]): void =>
      ask(response.typeUrl, { names, version: response.versionInfo, nonce: response.nonce }),
    nack: (response: DiscoveryResponse, names: readonly string[], version: string, error: string): void =>
      ask(response.typeUrl, { names, version, nonce: response.nonce, error }),
    /** Subscribes to one assignment, acknowledges it when it comes and returns it. */
    assignment: async (name: string): Promise<ClusterLoadAssignment> => {
      ask(ASSIGNMENT, { names: [name] });
      const response = await next();
      ask(ASSIGNMENT, { names: [name], version: response.versionInfo, nonce: response.nonce });
      return firstAssignment(response);
    },
  };
}

/** ADDRESS:PORT of an endpoint. */
export const addressOf = ({ hostIdentifier }: LbEndpoint): string => {
  if (hostIdentifier?.$case !== "endpoint") throw new Error("not an endpoint");
  const address = hostIdentifier.value.address?.address;
  if (address?.$case !== "socketAddress") throw new Error("not a socket address");
  const { address: host, portSpecifier } = address.value;
  if (portSpecifier?.$case !== "portValue") throw new Error("not a port number");
  return `${host}:${portSpecifier.value}`;
};

/** The addresses and ports in an assignment, in the order they were sent. */
export const endpointsOf = (assignment: ClusterLoadAssignment): readonly string[] =>
  assignment.endpoints.flatMap(({ lbEndpoints }) => lbEndpoints.map(addressOf));

export function firstAssignment({ resources }: DiscoveryResponse): ClusterLoadAssignment {
  const [first] = resources;
  if (first === undefined) throw new Error("an empty response");
  return ClusterLoadAssignment.decode(first.value);
}

export interface DeltaRequest {
  readonly subscribe?: readonly string[];
  readonly unsubscribe?: readonly string[];
  readonly initial?: Readonly<Record<string, string>>;
  readonly nonce?: string;
  readonly error?: string;
}

const deltaRequest = (typeUrl: string, request: DeltaRequest): DeltaDiscoveryRequest =>
  DeltaDiscoveryRequest.fromPartial({
    typeUrl,
    resourceNamesSubscribe: [...(request.subscribe ?? [])],
    resourceNamesUnsubscribe: [...(request.unsubscribe ?? [])],
    initialResourceVersions: { ...request.initial },
    responseNonce: request.nonce ?? "",
    ...(request.error === undefined ? {} : { errorDetail: { code: 3, message: request.error } }),
  });

/** A raw delta client. */
export function connectDelta(address: string, node: NodeOptions = { userAgentName: "envoy" }) {
  const client = connect(address);
  const stream = open(client.deltaAggregatedResources(), () => client.close());
  let first = true;
  const ask = (typeUrl: TypeUrl | string, request: DeltaRequest): void => {
    const message = deltaRequest(typeUrl, request);
    stream.write(
      first ? { ...message, node: DeltaDiscoveryRequest.fromPartial({ node: nodeOf(node) }).node } : message,
    );
    first = false;
  };
  return {
    ...stream,
    ask,
    next: (withinMs?: number): Promise<DeltaDiscoveryResponse> => stream.responses.take(withinMs),
    ack: (response: DeltaDiscoveryResponse): void => ask(response.typeUrl, { nonce: response.nonce }),
    nack: (response: DeltaDiscoveryResponse, error: string): void =>
      ask(response.typeUrl, { nonce: response.nonce, error }),
  };
}
