import { hash } from "node:crypto";

/** 64 bits of SHA-256, as 16 hex digits. */
export const digest = (data: Uint8Array | string): string => hash("sha256", data, "hex").slice(0, 16);

/** What a member adds to the version of its set. */
interface Member {
  readonly name: string;
  readonly version: string;
}

/**
 * The version of a set in the making: two 32-bit sums over a digest of each member. A sum does not depend on order, and
 * a member comes, goes or changes in constant time, however large the set.
 */
export interface SetVersion {
  readonly high: number;
  readonly low: number;
}

export const emptySet: SetVersion = { high: 0, low: 0 };

const lanesByMember = new WeakMap<Member, SetVersion>();

/** Remembered by identity, since one resource enters the set of every stream that is sent it. */
function lanesOf(member: Member): SetVersion {
  const known = lanesByMember.get(member);
  if (known !== undefined) return known;
  const bytes = hash("sha256", `${member.name}\0${member.version}`, "buffer");
  const lanes = { high: bytes.readUInt32BE(0), low: bytes.readUInt32BE(4) };
  lanesByMember.set(member, lanes);
  return lanes;
}

/** The set without `previous` and with `next`; either may be undefined. A previous one must be in the set. */
export function withMember(set: SetVersion, previous: Member | undefined, next: Member | undefined): SetVersion {
  if (previous === next) return set;
  const gone = previous === undefined ? emptySet : lanesOf(previous);
  const come = next === undefined ? emptySet : lanesOf(next);
  return { high: (set.high - gone.high + come.high) >>> 0, low: (set.low - gone.low + come.low) >>> 0 };
}

const hex = (lane: number): string => lane.toString(16).padStart(8, "0");

/** Equal for equal sets of (name, version), in every process and whatever the order they were put together in (S26). */
export const setVersion = ({ high, low }: SetVersion): string => hex(high) + hex(low);
