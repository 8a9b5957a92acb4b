import type { ClientDuplexStream, StatusObject } from "@grpc/grpc-js";
import type { Node } from "../gen/envoy/config/core/v3/base.ts";
import { AggregatedDiscoveryServiceClient } from "../gen/envoy/service/discovery/v3/ads.ts";
import { DiscoveryRequest, type DiscoveryResponse } from "../gen/envoy/service/discovery/v3/discovery.ts";
import { backoffMs } from "./backoff.ts";
import type { ServerConfig } from "./bootstrap.ts";
import { channelCredentials } from "./credentials.ts";
import { type ExchangeEvent, initialExchange, type News, type Request, step, type Wanted } from "./exchange.ts";
import { decodeResource } from "./parse/resource.ts";

interface ServerEvents {
  onNews(news: News): void;
  /** The server could not be reached, or ended a stream before it had answered anything (gRFC A57). */
  onTrouble(message: string): void;
}

const INVALID_ARGUMENT = 3;
const CHANNEL_OPTIONS = {
  "grpc.keepalive_time_ms": 300_000,
  "grpc.keepalive_timeout_ms": 20_000,
  // The stream waits between attempts; the connection is not to wait on top of that.
  "grpc.initial_reconnect_backoff_ms": 500,
  "grpc.max_reconnect_backoff_ms": 500,
  "grpc.enable_channelz": 0,
};

const message = (request: Request, node: Node | undefined): DiscoveryRequest =>
  DiscoveryRequest.fromPartial({
    typeUrl: request.typeUrl,
    resourceNames: [...request.names],
    versionInfo: request.version,
    responseNonce: request.nonce,
    ...(node === undefined ? {} : { node }),
    ...(request.refusal === undefined
      ? {}
      : { errorDetail: { code: INVALID_ARGUMENT, message: request.refusal, details: [] } }),
  });

type Call = ClientDuplexStream<DiscoveryRequest, DiscoveryResponse>;

/** A stream to one server, opened at once and again, with growing pauses, until it is closed. A class, as it lives long. */
export class ServerStream {
  readonly #uri: string;
  readonly #node: Node;
  readonly #events: ServerEvents;
  readonly #client: AggregatedDiscoveryServiceClient;
  #state = initialExchange;
  #call: Call | undefined;
  #introduced = false;
  #failures = 0;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor({ uri, credentials }: ServerConfig, node: Node, events: ServerEvents) {
    this.#uri = uri;
    this.#node = node;
    this.#events = events;
    this.#client = new AggregatedDiscoveryServiceClient(uri, channelCredentials(credentials), CHANNEL_OPTIONS);
    this.#open();
  }

  want(wanted: Wanted): void {
    this.#dispatch({ kind: "wanted", wanted });
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#call?.cancel();
    this.#client.close();
  }

  #open(): void {
    let hasAnswered = false;
    this.#introduced = false;
    const call: Call = this.#client.streamAggregatedResources();
    this.#call = call;
    call.on("data", ({ typeUrl, versionInfo: version, nonce, resources }: DiscoveryResponse) => {
      hasAnswered = true;
      if (!this.#closed) this.#dispatch({ kind: "answered", response: { typeUrl, version, nonce, resources } });
    });
    call.on("error", () => undefined); // told again, with more, by the status
    call.on("status", (status: StatusObject) => this.#onEnd(status, hasAnswered));
    this.#dispatch({ kind: "opened" });
  }

  #onEnd({ code, details }: StatusObject, hasAnswered: boolean): void {
    this.#call = undefined;
    if (this.#closed) return;
    this.#dispatch({ kind: "closed" });
    this.#failures = hasAnswered ? 1 : this.#failures + 1;
    this.#timer = setTimeout(() => this.#open(), backoffMs(this.#failures, Math.random));
    if (!hasAnswered) this.#events.onTrouble(`${this.#uri}: ${details || `the stream ended with status ${code}`}`);
  }

  #dispatch(event: ExchangeEvent): void {
    const { state, requests, news } = step(this.#state, event, decodeResource);
    this.#state = state;
    for (const request of requests) {
      this.#call?.write(message(request, this.#introduced ? undefined : this.#node));
      this.#introduced = true;
    }
    if (news !== undefined) this.#events.onNews(news);
  }
}
