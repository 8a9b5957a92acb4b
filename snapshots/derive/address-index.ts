/** Which entries of EndpointSlices have an address. */
import type { EndpointSlice, Objects, SliceEndpoint } from "../objects.ts";
import { emptyTable } from "../table.ts";
import { canonicalAddress } from "./address.ts";

type Slices = Objects["slicesByService"];

const NONE: readonly SliceEndpoint[] = [];

/** What is in the one list and not in the other. */
const without = <T>(list: readonly T[], others: readonly T[]): readonly T[] => {
  const known = new Set(others);
  return list.filter((one) => !known.has(one));
};

const factOf = ({ zone = "", nodeName = "" }: SliceEndpoint): string => `${zone}\0${nodeName}`;

const factsOf = (entries: readonly SliceEndpoint[]): string => entries.map(factOf).toSorted().join("\n");

/** Whether the same zones and nodes are told. Nearly every address stands once. */
function sameFacts(a: readonly SliceEndpoint[], b: readonly SliceEndpoint[]): boolean {
  const [one, other] = [a[0], b[0]];
  if (a.length !== b.length || one === undefined || other === undefined) return a.length === b.length;
  return a.length === 1 ? one.zone === other.zone && one.nodeName === other.nodeName : factsOf(a) === factsOf(b);
}

/** What is done for each address of some slices. */
function eachAddress(slices: readonly EndpointSlice[], act: (address: string, entry: SliceEndpoint) => void): void {
  for (const { addressType, endpoints } of slices) {
    if (addressType === "FQDN") continue;
    for (const entry of endpoints) {
      const address = canonicalAddress(entry.address, addressType);
      if (address !== undefined) act(address, entry);
    }
  }
}

/**
 * A memory that keeps no copies: it costs by what changed since it was last brought up to date, and says nothing that
 * reading all slices would not.
 */
export class AddressIndex {
  #slices: Slices = emptyTable();
  readonly #entries = new Map<string, readonly SliceEndpoint[]>();

  /** The entries with a canonical address. */
  at(address: string): readonly SliceEndpoint[] {
    return this.#entries.get(address) ?? NONE;
  }

  /** Brings it up to date; gives the addresses of which other zones or nodes are told now. */
  follow(slices: Slices): ReadonlySet<string> {
    const before = new Map<string, readonly SliceEndpoint[]>();
    const change = (address: string, next: readonly SliceEndpoint[]): void => {
      if (!before.has(address)) before.set(address, this.at(address));
      if (next.length === 0) this.#entries.delete(address);
      else this.#entries.set(address, next);
    };
    for (const key of slices.changesSince(this.#slices)) {
      const [old, now] = [this.#slices.get(key) ?? [], slices.get(key) ?? []];
      eachAddress(without(old, now), (address, entry) => {
        change(
          address,
          this.at(address).filter((one) => one !== entry),
        );
      });
      eachAddress(without(now, old), (address, entry) => change(address, [...this.at(address), entry]));
    }
    this.#slices = slices;
    const moved = new Set<string>();
    for (const [address, entries] of before) if (!sameFacts(entries, this.at(address))) moved.add(address);
    return moved;
  }
}
