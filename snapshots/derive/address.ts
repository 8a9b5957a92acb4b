const OCTET = "(?:0|[1-9]\\d?|1\\d\\d|2[0-4]\\d|25[0-5])";
const IPV4 = new RegExp(`^${OCTET}(?:\\.${OCTET}){3}$`);
const IPV6_LETTERS = /^[0-9a-f:.]+$/i;

export type Family = "IPv4" | "IPv6";

const canonicalIPv4 = (text: string): string | undefined => (IPV4.test(text) ? text : undefined);

/** The URL standard writes IPv6 as RFC 5952 asks: lower case, the longest run of zeros compressed. */
function canonicalIPv6(text: string): string | undefined {
  if (!text.includes(":") || !IPV6_LETTERS.test(text)) return undefined;
  return URL.parse(`http://[${text}]`)?.hostname.slice(1, -1);
}

/** An IP literal in its one canonical form, or undefined when the text is none of that family. */
export const canonicalAddress = (text: string, family: Family): string | undefined =>
  family === "IPv4" ? canonicalIPv4(text) : canonicalIPv6(text);

export const isAddress = (text: string): boolean =>
  canonicalAddress(text, text.includes(":") ? "IPv6" : "IPv4") !== undefined;

export const isPort = (port: number): boolean => Number.isInteger(port) && port >= 1 && port <= 65_535;

/** As a dual-stack socket shows the address of an IPv4 peer. */
const MAPPED = "::ffff:";

/**
 * The address in the `address:port` of a connection, in its canonical form; undefined for one that is told nobody apart: a
 * loopback or link-local address, or none at all.
 */
export function peerAddress(peer: string): string | undefined {
  const text = peer.slice(0, peer.lastIndexOf(":"));
  const bare = text.startsWith(MAPPED) && text.includes(".") ? text.slice(MAPPED.length) : text;
  const address = canonicalAddress(bare, bare.includes(":") ? "IPv6" : "IPv4");
  return address === undefined || /^(?:127\.|169\.254\.|::1$|fe[89ab])/.test(address) ? undefined : address;
}
