import { digest } from "../../snapshots/resources/version.ts";
import type { Clock } from "../clock.ts";
import type { Convergence } from "../convergence.ts";
import type { CurrentReader } from "../current.ts";
import type { ServerCall } from "../grpc/call.ts";
import type { Log } from "../log.ts";
import type { Metrics } from "../metrics.ts";
import type { Member, Roster } from "../roster.ts";
import { statusOf } from "./ending.ts";
import type { OpenStream } from "./open-stream.ts";
import type { XdsOptions } from "./options.ts";
import { createPublisher } from "./publisher.ts";
import { createReconnects, isWorthTelling, MANY_RECONNECTS } from "./reconnects.ts";
import { createRelocation } from "./relocation.ts";
import type { DiscoveryMethod } from "./service.ts";
import { DiscoveryStream, type StreamContext } from "./stream.ts";
import { createTally } from "./tally.ts";
import { DELTA, SOTW } from "./variant.ts";

/** What is served to whom, and by what. */
export interface Serving {
  readonly current: CurrentReader;
  readonly roster: Roster;
  readonly convergence: Convergence;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly clock: Clock;
  readonly options: XdsOptions;
}

/** All open streams of a server. */
export interface Streams {
  open(call: ServerCall, method: DiscoveryMethod): void;
  /** From now on, streams are turned away. */
  refuseNew(): void;
  /** Ends those that match, for a drain. */
  drain(matches: (stream: OpenStream) => boolean): void;
  /** Does what time calls for, and names the peers that are to be disconnected. */
  sweep(now: number): readonly string[];
  close(): void;
}

const STALE_MS = 10_000;

/** A client is told by its node and its address, without the port, which differs each time. A digest, since it is kept. */
const clientKey = ({ node, peer }: Member): string => digest(`${node.id}\0${peer.slice(0, peer.lastIndexOf(":"))}`);

/** Notices clients that keep coming back at once (B12). Who does not say who it is cannot be told apart. */
function createRegulars({ metrics, log, clock }: Serving) {
  const reconnects = createReconnects();
  return {
    met: (stream: Member): void => {
      if (stream.node.id === "") return;
      const times = reconnects.came(clientKey(stream), clock.now());
      if (times < MANY_RECONNECTS) return;
      metrics.quickReconnects.inc();
      const fields = { peer: stream.peer, node: stream.node.id.slice(0, 200), times };
      if (isWorthTelling(times)) log.warn("a client keeps coming back", fields);
    },
    left: (stream: Member): void => {
      if (stream.node.id !== "") reconnects.left(clientKey(stream), clock.now());
    },
  };
}

function sweepAll(open: ReadonlySet<OpenStream>, serving: Serving, now: number): readonly string[] {
  const { convergence, metrics, options } = serving;
  convergence.sweep(now);
  const stuck = [...open].filter(({ stuckSince = now }) => now - stuckSince > options.writeTimeoutMs);
  for (const stream of stuck) stream.end("the client does not read");
  for (const stream of open) stream.tick();
  metrics.staleStreams.set([...open].filter((stream) => stream.owesSince(now - STALE_MS)).length);
  return stuck.map(({ peer }) => peer);
}

export function createStreams(serving: Serving): Streams {
  const { current, roster, metrics } = serving;
  const open = new Set<OpenStream & Member>();
  // Before the publisher, so that streams have moved when they are told what else changed.
  const relocation = createRelocation(current, open);
  const publisher = createPublisher(current, roster);
  const regulars = createRegulars(serving);
  let draining = false;
  let opened = 0;
  const context: StreamContext = {
    ...serving,
    publisher,
    tally: createTally(metrics),
    places: relocation.places,
    met: (stream) => {
      relocation.met(stream);
      regulars.met(stream);
    },
    ended: (stream) => {
      open.delete(stream);
      relocation.left(stream);
      regulars.left(stream);
    },
  };
  return {
    open: (call, { variant, only }) => {
      if (draining) {
        call.end(statusOf("the server is draining"));
        return;
      }
      opened += 1;
      const opening = { id: opened.toString(36), call, only };
      const stream =
        variant === "sotw" ? new DiscoveryStream(opening, SOTW, context) : new DiscoveryStream(opening, DELTA, context);
      call.listen(stream);
      open.add(stream);
    },
    refuseNew: () => {
      draining = true;
    },
    drain: (matches) => {
      for (const stream of open) if (matches(stream)) stream.end("the server is draining");
    },
    sweep: (now) => sweepAll(open, serving, now),
    close: () => {
      relocation.close();
      publisher.close();
    },
  };
}
