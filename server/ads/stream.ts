import type { Node } from "../../gen/envoy/config/core/v3/base.ts";
import type { ZoneClass } from "../../snapshots/balance/zone.ts";
import type { ClientKind } from "../../snapshots/resources/client-kind.ts";
import { ASSIGNMENT, type TypeUrl } from "../../snapshots/type-url.ts";
import type { Clock } from "../clock.ts";
import type { Convergence } from "../convergence.ts";
import type { CallListener, ServerCall } from "../grpc/call.ts";
import { PREFIX_BYTES } from "../grpc/framing.ts";
import type { Log } from "../log.ts";
import type { Member, NodeInfo, Roster, TypeStatus } from "../roster.ts";
import { WILDCARD } from "../roster.ts";
import { type Bucket, takeOne } from "./bucket.ts";
import { type Ending, statusOf } from "./ending.ts";
import { Exchange, type Outlet } from "./exchange.ts";
import type { Outgoing } from "./in-flight.ts";
import { takeIn, typeMeant } from "./intake.ts";
import { ANONYMOUS, type Client, clientOf, relocated } from "./node.ts";
import type { OpenStream } from "./open-stream.ts";
import type { XdsOptions } from "./options.ts";
import { Outbox } from "./outbox.ts";
import type { Places } from "./places.ts";
import type { Publisher } from "./publisher.ts";
import { TARGET_BYTES } from "./split.ts";
import type { Sight, Step } from "./step.ts";
import type { SubscriptionChange } from "./subscription.ts";
import type { Tally } from "./tally.ts";
import type { Incoming, TypeState, Variant } from "./variant.ts";

/** What all streams of a server share. */
export interface StreamContext {
  readonly roster: Roster;
  readonly convergence: Convergence;
  readonly publisher: Publisher;
  readonly tally: Tally;
  readonly log: Log;
  readonly clock: Clock;
  readonly options: XdsOptions;
  readonly places: Places;
  /** A client said who it is. */
  met(stream: OpenStream & Member): void;
  /** The stream has ended, in whatever way. */
  ended(stream: OpenStream & Member): void;
}

export interface Opening {
  readonly id: string;
  readonly call: ServerCall;
  /** The type of a per-type service, where requests need not say it (S29). */
  readonly only: TypeUrl | undefined;
}

const SHOWN_CHARACTERS = 200;

/** One gRPC call. A class, since there are many and closures would cost each a function. */
export class DiscoveryStream<Request, State extends TypeState>
  implements CallListener, Member, OpenStream, Outlet<State>
{
  readonly id: string;
  readonly peer: string;
  readonly since: number;
  readonly #variant: Variant<Request, State>;
  readonly #call: ServerCall;
  readonly #context: StreamContext;
  readonly #only: TypeUrl | undefined;
  readonly #outbox = new Outbox();
  readonly #onWritten = (): void => this.#wrote();
  /** Known from the first request on. */
  #client: Client = ANONYMOUS;
  #legacyWildcard = false;
  #exchange: Exchange<Request, State> | undefined;
  #bucket: Bucket;
  #lastNonce = 0;
  #ended = false;

  constructor({ id, call, only }: Opening, variant: Variant<Request, State>, context: StreamContext) {
    this.id = id;
    this.peer = call.peer;
    this.since = context.clock.wall();
    this.#variant = variant;
    this.#call = call;
    this.#context = context;
    this.#only = only;
    this.#bucket = context.clock.now();
  }

  message(bytes: Buffer): void {
    if (this.#ended) return;
    try {
      this.#read(bytes);
    } catch (error) {
      this.#fail(error);
    }
    // Who takes nothing is asked nothing: requests wait where HTTP/2's flow control counts them.
    if (this.#outbox.isBlocked) this.#call.pause();
  }

  halfClosed(): void {
    this.end("client closed");
  }

  closed(): void {
    this.#release("cancelled");
  }

  get variant(): "sotw" | "delta" {
    return this.#variant.name;
  }

  get node(): NodeInfo {
    return this.#client.node;
  }

  get kind(): ClientKind {
    return this.#client.kind;
  }

  get zoneClass(): ZoneClass {
    return this.#client.zoneClass;
  }

  get zoneFrom(): string {
    return this.#client.zoneFrom;
  }

  get address(): string | undefined {
    return this.#client.address;
  }

  get isWritable(): boolean {
    return !this.#ended && !this.#outbox.isBlocked;
  }

  get stuckSince(): number | undefined {
    return this.#outbox.stuckSince;
  }

  owesSince(moment: number): boolean {
    return this.#exchange?.owesSince(moment) ?? false;
  }

  status(): readonly TypeStatus[] {
    const { clock } = this.#context;
    return this.#exchange?.status(clock.wall() - clock.now()) ?? [];
  }

  now(): number {
    return this.#context.clock.now();
  }

  changed(typeUrl: TypeUrl, names: readonly string[]): void {
    this.#context.convergence.told(this);
    this.#exchange?.changed(typeUrl, names);
    this.#context.publisher.enqueue(this);
  }

  relocate(places: Places): void {
    const client = relocated(this.#client, places);
    if (client === this.#client) return;
    this.#client = client;
    this.#context.roster.moved(this);
    this.#exchange?.changed(ASSIGNMENT, "all");
    this.#context.publisher.enqueue(this);
  }

  flush(): void {
    try {
      this.#exchange?.flush();
      if (this.isWritable) this.#context.convergence.looked(this);
    } catch (error) {
      this.#fail(error);
    }
  }

  tick(): void {
    if (this.#exchange?.hasRemovals) this.flush();
  }

  sight(typeUrl: TypeUrl, holdRemovals: boolean): Sight {
    return {
      typeUrl,
      view: this.#context.publisher.viewFor(this.#client),
      nonce: String(this.#context.publisher.nonceAfter(this.#lastNonce)),
      now: this.now(),
      legacyWildcard: this.#legacyWildcard,
      writable: this.isWritable,
      holdRemovals,
    };
  }

  deliver(typeUrl: TypeUrl, step: Step<State>): void {
    if (step.change !== undefined) this.#index(typeUrl, step.change);
    if (step.flight !== undefined) this.#hear(typeUrl, step);
    if (step.oversized.length > 0) this.#leaveOut(typeUrl, step.oversized);
    if (step.response !== undefined) this.#write(typeUrl, step.response);
    if (step.tooLarge) this.#context.tally.tooLarge(typeUrl);
    if (step.tooLarge) this.end("the complete set exceeds what a response may have: use delta, or ask for fewer names");
  }

  end(ending: Ending): void {
    if (this.#ended) return;
    this.#release(ending);
    this.#call.end(statusOf(ending));
  }

  #read(bytes: Buffer): void {
    const incoming = this.#take(bytes);
    if (typeof incoming === "string") {
      this.end(incoming);
      return;
    }
    this.#exchange ??= this.#meet(incoming.node);
    const typeUrl = typeMeant(incoming.typeUrl, this.#only);
    if (typeUrl === undefined) return;
    this.#context.tally.requested(typeUrl);
    this.#exchange.request(typeUrl, incoming.request);
    const asked = this.#exchange?.state(typeUrl)?.subscription.names.size ?? 0;
    if (asked > this.#context.options.maxNames) this.end("too many resource names"); // delta adds up
  }

  #take(bytes: Buffer): Incoming<Request> | Ending {
    const { requests, maxNames } = this.#context.options;
    const bucket = takeOne(this.#bucket, requests, this.now());
    if (bucket === undefined) return "too many requests per second";
    this.#bucket = bucket;
    return takeIn(this.#variant, bytes, { only: this.#only, isFirst: this.#exchange === undefined, maxNames });
  }

  /** The node of the first request counts for the whole stream (S1). */
  #meet(node: Node | undefined): Exchange<Request, State> {
    const { roster, tally, options, places, met } = this.#context;
    if (node !== undefined) this.#client = clientOf(node, this.peer, places);
    this.#legacyWildcard = options.legacyWildcard.includes(this.node.userAgentName);
    roster.join(this);
    tally.joined(this);
    met(this);
    return new Exchange(this.#variant, this, { warms: this.kind === "envoy", removalWaitMs: options.removalWaitMs });
  }

  #index(typeUrl: TypeUrl, { added, removed, wildcard }: SubscriptionChange): void {
    const { roster } = this.#context;
    for (const name of added) roster.subscribe(this, typeUrl, name);
    for (const name of removed) roster.unsubscribe(this, typeUrl, name);
    if (wildcard === "began") roster.subscribe(this, typeUrl, WILDCARD);
    if (wildcard === "ended") roster.unsubscribe(this, typeUrl, WILDCARD);
  }

  #hear(typeUrl: TypeUrl, step: Step<State>): void {
    const { tally, convergence, log } = this.#context;
    tally.answered(typeUrl, step, this.now());
    const refused = step.verdict === "refused";
    if (step.flight !== undefined) convergence.answered(this, { typeUrl, sentAt: step.flight.at, refused });
    if (step.verdict !== "refused") return;
    const message = step.state.inFlight.refused?.message ?? "";
    log.warn("a client rejected a response", { ...this.#shown, typeUrl, error: message.slice(0, SHOWN_CHARACTERS) });
  }

  #leaveOut(typeUrl: TypeUrl, names: readonly string[]): void {
    this.#context.tally.leftOut(typeUrl, names.length);
    this.#context.log.warn("too large to be sent to any client", {
      ...this.#shown,
      typeUrl,
      names: names.slice(0, 10),
    });
  }

  #write(typeUrl: TypeUrl, response: Outgoing): void {
    const { tally, log } = this.#context;
    const frame = this.#variant.encode(typeUrl, response);
    const bytes = frame.length - PREFIX_BYTES;
    if (bytes > TARGET_BYTES + TARGET_BYTES / 64) {
      tally.overTarget(typeUrl);
      log.warn("a response is near the limit of what clients accept", { ...this.#shown, typeUrl, bytes });
    }
    this.#lastNonce = Number(response.nonce);
    tally.wrote(typeUrl, bytes);
    this.#context.convergence.wrote(this, typeUrl);
    this.#outbox.wrote(bytes, this.now());
    this.#call.write(frame, this.#onWritten);
  }

  #wrote(): void {
    if (!this.#outbox.left(this.now())) return;
    this.flush();
    if (!this.#outbox.isBlocked) this.#call.resume();
  }

  get #shown() {
    return { stream: this.id, peer: this.peer, node: this.node.id.slice(0, SHOWN_CHARACTERS) };
  }

  /** Gives back all that others hold of the stream. */
  #release(reason: Ending | "cancelled"): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#context.roster.leave(this);
    this.#context.convergence.left(this);
    this.#context.ended(this);
    this.#context.tally.ended(reason);
    if (this.#exchange !== undefined) this.#context.tally.left(this);
    this.#exchange = undefined;
    this.#context.log.debug("stream ended", { ...this.#shown, reason });
  }

  /** A bug in what a stream does costs this stream and no other. */
  #fail(error: unknown): void {
    const shown = error instanceof Error ? error.stack : String(error);
    this.#context.log.error("a stream failed", { ...this.#shown, error: shown });
    this.end("internal error");
  }
}
