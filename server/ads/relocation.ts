import type { CurrentReader } from "../current.ts";
import type { OpenStream } from "./open-stream.ts";
import { createPlaces, type Moved, type Places } from "./places.ts";

/** Keeps every client in the zone that the newest snapshot gives it. */
interface Relocation {
  readonly places: Places;
  /** The client of this stream is known from now on. */
  met(stream: OpenStream): void;
  left(stream: OpenStream): void;
  close(): void;
}

/** What is told of one address costs work only for the streams whose place hangs on it. */
export function createRelocation(current: CurrentReader, open: ReadonlySet<OpenStream>): Relocation {
  const published = current.get();
  if (published === undefined) throw new Error("a stream was served before the first snapshot");
  const places = createPlaces(published);
  const byAddress = new Map<string, Set<OpenStream>>();
  const concerned = (moved: Moved): Iterable<OpenStream> =>
    moved === "all" ? open : [...moved].flatMap((address) => [...(byAddress.get(address) ?? [])]);
  const close = current.onPublish((next) => {
    for (const stream of concerned(places.follow(next))) stream.relocate(places);
  });
  return {
    places,
    met: (stream) => {
      if (stream.address === undefined) return;
      byAddress.set(stream.address, (byAddress.get(stream.address) ?? new Set()).add(stream));
    },
    left: (stream) => {
      const { address = "" } = stream;
      byAddress.get(address)?.delete(stream);
      if (byAddress.get(address)?.size === 0) byAddress.delete(address);
    },
    close,
  };
}
