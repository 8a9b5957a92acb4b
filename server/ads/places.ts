import { AddressIndex } from "../../snapshots/derive/address-index.ts";
import type { Topology } from "../../snapshots/derive/model.ts";
import { type PeerPlace, placeOfAddress } from "../../snapshots/derive/peer-place.ts";
import { type PodCidrs, podCidrs } from "../../snapshots/derive/pod-cidrs.ts";
import type { Published } from "../current.ts";

/** Where clients are, by what the objects of the newest snapshot say. */
export interface Places {
  readonly topology: Topology;
  /** Of a canonical address; undefined where nobody says. */
  placeOf(address: string): PeerPlace | undefined;
}

/** Whose place may be another now: everybody's, or that of these addresses. */
export type Moved = "all" | ReadonlySet<string>;

/** What is published, and what was made of it because somebody asked. */
interface FollowingPlaces extends Places {
  follow(published: Published): Moved;
}

const NOBODY: ReadonlySet<string> = new Set();

/** Costs nothing while no client needs its address looked at; from then on, by what changes. */
export function createPlaces(first: Published): FollowingPlaces {
  let { objects, snapshot } = first;
  let index: AddressIndex | undefined;
  let cidrs: PodCidrs | undefined;
  const indexed = (): AddressIndex => {
    if (index !== undefined) return index;
    index = new AddressIndex();
    index.follow(objects.slicesByService);
    return index;
  };
  return {
    get topology() {
      return snapshot.model.topology;
    },
    placeOf: (address) => {
      const entries = indexed().at(address);
      cidrs ??= podCidrs(objects.nodes);
      return placeOfAddress(address, { topology: snapshot.model.topology, entries, podCidrs: cidrs });
    },
    follow: (next) => {
      const before = { topology: snapshot.model.topology, nodes: objects.nodes };
      ({ objects, snapshot } = next);
      if (objects.nodes !== before.nodes) cidrs = undefined;
      const moved = index?.follow(objects.slicesByService) ?? NOBODY;
      return objects.nodes !== before.nodes || snapshot.model.topology !== before.topology ? "all" : moved;
    },
  };
}
