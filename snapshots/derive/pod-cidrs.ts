/** Which Nodes give pods an address from which range: `spec.podCIDRs`. */
import type { Node } from "../objects.ts";
import type { Table } from "../table.ts";
import { canonicalAddress } from "./address.ts";

/** An address as a number of so many bits. */
interface Bits {
  readonly value: bigint;
  readonly length: 32 | 128;
}

const numberOf = (parts: readonly number[], bitsEach: bigint): bigint =>
  parts.reduce((value, part) => (value << bitsEach) | BigInt(part), 0n);

const groupsOf = (text: string): readonly number[] =>
  text === "" ? [] : text.split(":").map((group) => Number.parseInt(group, 16));

/** Of a canonical address. */
function bitsOf(address: string): Bits {
  if (!address.includes(":")) return { value: numberOf(address.split(".").map(Number), 8n), length: 32 };
  const [head = "", tail] = address.split("::");
  const [first, last] = [groupsOf(head), groupsOf(tail ?? "")];
  const zeros = Array.from({ length: 8 - first.length - last.length }, () => 0);
  return { value: numberOf([...first, ...zeros, ...last], 16n), length: 128 };
}

const rangeKey = ({ value, length }: Bits, prefix: number): string =>
  `${length} ${prefix} ${value >> BigInt(length - prefix)}`;

/** A range as written; undefined for what is none. */
function rangeOf(cidr: string): { readonly bits: Bits; readonly prefix: number } | undefined {
  const [text = "", digits = ""] = cidr.split("/");
  const address = canonicalAddress(text, text.includes(":") ? "IPv6" : "IPv4");
  if (address === undefined || !/^\d{1,3}$/.test(digits)) return undefined;
  const bits = bitsOf(address);
  const prefix = Number(digits);
  return prefix <= bits.length ? { bits, prefix } : undefined;
}

/** Finds the Nodes whose range a canonical address is in: those with the narrowest such range. */
export type PodCidrs = (address: string) => readonly string[];

const NOBODY: readonly string[] = [];

/** Reads every Node; each look-up costs by the number of prefix lengths, of which there is one as a rule. */
export function podCidrs(nodes: Table<Node>): PodCidrs {
  const owners = new Map<string, string[]>();
  const prefixes = new Set<number>();
  for (const { name, podCidrs: cidrs } of nodes.values()) {
    for (const range of cidrs.map(rangeOf).filter((one) => one !== undefined)) {
      const key = rangeKey(range.bits, range.prefix);
      const known = owners.get(key) ?? [];
      owners.set(key, known);
      known.push(name);
      prefixes.add(range.prefix);
    }
  }
  const narrowestFirst = [...prefixes].toSorted((a, b) => b - a);
  return (address) => {
    const bits = bitsOf(address);
    const fitting = narrowestFirst.filter((prefix) => prefix <= bits.length);
    const found = fitting.map((prefix) => rangeKey(bits, prefix)).find((key) => owners.has(key));
    return owners.get(found ?? "") ?? NOBODY;
  };
}
