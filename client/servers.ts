import { Node } from "../gen/envoy/config/core/v3/base.ts";
import type { NodeConfig, ServerConfig } from "./bootstrap.ts";
import { diagnostics } from "./diagnostics.ts";
import { type News, NOTHING_WANTED, type Wanted } from "./exchange.ts";
import { ServerStream } from "./stream.ts";

export interface ServersOptions {
  /** At least one; the later ones are asked only while an earlier one cannot be reached (gRFC A71). */
  readonly servers: readonly ServerConfig[];
  readonly node: NodeConfig;
  /** Of this package. */
  readonly version: string;
}

interface ServersEvents {
  onNews(news: News, server: ServerConfig): void;
  onTrouble(): void;
}

/** This client, as it introduces itself. */
export const nodeMessage = ({ node, version }: Pick<ServersOptions, "node" | "version">): Node =>
  Node.fromPartial({
    id: node.id,
    cluster: node.cluster,
    locality: node.locality,
    metadata: node.metadata,
    userAgentName: "evenkeel-client",
    userAgentVersionType: { $case: "userAgentVersion", value: version },
    clientFeatures: ["envoy.lb.does_not_support_overprovisioning"],
  });

/** Streams to servers in their order: opened as far as needed, ended behind one that answers. A class, as it lives long. */
export class Servers {
  readonly #servers: readonly ServerConfig[];
  readonly #node: Node;
  readonly #events: ServersEvents;
  readonly #troubles = new Map<number, string>();
  #streams: readonly ServerStream[] = [];
  #wanted = NOTHING_WANTED;

  constructor(options: ServersOptions, events: ServersEvents) {
    this.#servers = options.servers;
    this.#node = nodeMessage(options);
    this.#events = events;
  }

  want(wanted: Wanted): void {
    this.#wanted = wanted;
    if (this.#streams.length === 0) this.#open();
    else for (const stream of this.#streams) stream.want(wanted);
  }

  /** Asks one server more if the last one asked is in trouble. */
  widen(): void {
    if (this.#troubles.has(this.#streams.length - 1)) this.#open();
  }

  /** What every server says, once all are in trouble. */
  trouble(): string | undefined {
    return this.#troubles.size === this.#servers.length ? [...this.#troubles.values()].join("; ") : undefined;
  }

  close(): void {
    for (const stream of this.#streams) stream.close();
    this.#streams = [];
    this.#troubles.clear();
  }

  #open(): void {
    const index = this.#streams.length;
    const server = this.#servers[index];
    if (server === undefined) return;
    const stream = new ServerStream(server, this.#node, {
      onNews: (news) => {
        this.#prefer(index);
        this.#events.onNews(news, server);
      },
      onTrouble: (message) => {
        this.#troubles.set(index, message);
        diagnostics.trouble({ server: server.uri, message });
        this.#events.onTrouble();
      },
    });
    this.#streams = [...this.#streams, stream];
    stream.want(this.#wanted);
  }

  #prefer(index: number): void {
    for (const stream of this.#streams.slice(index + 1)) stream.close();
    this.#streams = this.#streams.slice(0, index + 1);
    for (const other of [...this.#troubles.keys()]) if (other >= index) this.#troubles.delete(other);
  }
}
