import type { Changes } from "../../snapshots/changes.ts";
import { isFullState } from "../../snapshots/type-url.ts";
import { type View, viewOf } from "../../snapshots/view.ts";
import type { CurrentReader, Published } from "../current.ts";
import type { Roster } from "../roster.ts";
import { WILDCARD } from "../roster.ts";
import type { Client } from "./node.ts";

/** What is told to look again, and does so when its turn comes. */
export interface Flushable {
  flush(): void;
}

/** Brings each published change to the streams that ask for it, and to no others. */
export interface Publisher {
  /** The newest snapshot as this client sees it. No stream is served before the first (B7). */
  viewFor(client: Client): View;
  /** Has it flushed soon, once, however often it is named until then. */
  enqueue(stream: Flushable): void;
  /**
   * The number that names the next response of a stream whose last was named `last`: it grows on each stream, so it is unique
   * there (S3), and is the same for all streams that are first sent something by one publish, so that they share bytes.
   */
  nonceAfter(last: number): number;
  close(): void;
}

/** Far more responses than a stream is sent between two publishes, as a rule; beyond it, nonces are merely not shared. */
const NONCES_PER_PUBLISH = 1024;

/** After so many streams, other work of the process gets a turn, so that a large fan-out delays no ACK by much (E1). */
const TURN = 128;

function tell(roster: Roster, changes: Changes): void {
  for (const [typeUrl, names] of changes) {
    for (const name of names) {
      const alone = [name];
      for (const member of roster.subscribers(typeUrl, name)) member.changed(typeUrl, alone);
    }
    if (!isFullState(typeUrl)) continue;
    for (const member of roster.subscribers(typeUrl, WILDCARD)) member.changed(typeUrl, names);
  }
}

export function createPublisher(current: CurrentReader, roster: Roster): Publisher {
  const queue = new Set<Flushable>();
  let turn: NodeJS.Immediate | undefined;
  const work = (): void => {
    clearImmediate(turn); // a publish does not wait for the turn that was to come, nor add one to it
    turn = undefined;
    let left = TURN;
    for (const stream of queue) {
      queue.delete(stream);
      stream.flush();
      left -= 1;
      if (left === 0) break;
    }
    if (queue.size > 0) turn ??= setImmediate(work);
  };
  let firstNonce = 1;
  const onPublish = (_: Published, changes: Changes): void => {
    firstNonce += NONCES_PER_PUBLISH;
    tell(roster, changes);
    work();
  };
  const stop = current.onPublish(onPublish);
  return {
    viewFor: (client) => {
      const published = current.get();
      if (published === undefined) throw new Error("a stream was served before the first snapshot");
      return viewOf(published.snapshot, client.zoneClass, client.kind);
    },
    enqueue: (stream) => {
      queue.add(stream);
      turn ??= setImmediate(work);
    },
    nonceAfter: (last) => Math.max(firstNonce, last + 1),
    close: () => {
      stop();
      clearImmediate(turn);
      queue.clear();
    },
  };
}
