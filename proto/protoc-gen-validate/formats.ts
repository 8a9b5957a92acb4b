/** The formats that string and byte rules name. The plugin copies this file beside its output, as it does runtime.ts. */

const MAX_HOSTNAME = 253;
const LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?";
const LABELS = new RegExp(`^${LABEL}(?:\\.${LABEL})*\\.?$`, "u");

/** RFC 1034, with digits allowed everywhere and one dot allowed at the end. */
export const isHostname = (text: string): boolean => text.length <= MAX_HOSTNAME && LABELS.test(text);

const OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
const IPV4 = new RegExp(`^${OCTET}(?:\\.${OCTET}){3}$`, "u");

export const isIpv4 = (text: string): boolean => IPV4.test(text);

const GROUP = /^[0-9A-Fa-f]{1,4}$/u;
const GROUPS = 8;

/** How many 16-bit groups one side of `::` stands for, NaN if it is not of that form. */
function groupsIn(side: string, mayEndInIpv4: boolean): number {
  if (side === "") return 0;
  const parts = side.split(":");
  const last = parts.at(-1) ?? "";
  const dotted = mayEndInIpv4 && isIpv4(last);
  const groups = dotted ? parts.slice(0, -1) : parts;
  return groups.every((group) => GROUP.test(group)) ? groups.length + (dotted ? 2 : 0) : Number.NaN;
}

/** RFC 4291, without a zone. */
export function isIpv6(text: string): boolean {
  const sides = text.split("::");
  const [head = "", tail] = sides;
  if (tail === undefined) return groupsIn(head, true) === GROUPS;
  return sides.length === 2 && groupsIn(head, false) + groupsIn(tail, true) < GROUPS;
}

export const isIp = (text: string): boolean => isIpv4(text) || isIpv6(text);

/** A hostname or an IP address. */
export const isAddress = (text: string): boolean => isHostname(text) || isIp(text);

const MAX_EMAIL = 254;
const MAX_LOCAL = 64;
const ATOM = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~\\u{80}-\\u{10FFFF}-]+";
const QUOTED = '"(?:[^"\\\\\\p{Cc}]|\\\\[^\\p{Cc}])*"';
const LOCAL = new RegExp(`^(?:${ATOM}(?:\\.${ATOM})*|${QUOTED})$`, "u");

/** RFC 5322's addr-spec, with a hostname after the @; no display name, no comments. */
export function isEmail(text: string): boolean {
  const at = text.lastIndexOf("@");
  const local = text.slice(0, Math.max(at, 0));
  const short = text.length <= MAX_EMAIL && local.length <= MAX_LOCAL;
  return short && LOCAL.test(local) && isHostname(text.slice(at + 1));
}

const URI_REFERENCE = /^(?:[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})*$/u;
const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*:/u;

/** RFC 3986's URI reference: of its characters only, and nothing with a colon before the first slash but a scheme. */
export function isUriRef(text: string): boolean {
  const [first = ""] = text.split(/[/?#]/u, 1);
  return URI_REFERENCE.test(text) && (!first.includes(":") || SCHEME.test(first));
}

/** A URI reference with a scheme. */
export const isUri = (text: string): boolean => SCHEME.test(text) && isUriRef(text);

const UUID = /^[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$/u;

export const isUuid = (text: string): boolean => UUID.test(text);

const HEADER_NAME = /^:?[0-9a-zA-Z!#$%&'*+,.^_|~`-]+$/u;

/** An HTTP header name, HTTP/2's pseudo-headers among them; the comma is allowed as it is by PGV in every language. */
export const isHeaderName = (text: string): boolean => HEADER_NAME.test(text);

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const NOT_IN_HEADER_VALUE = /[\0-\x08\n-\x1f\x7f]/u;

/** An HTTP header value: no control character but the tab. */
export const isHeaderValue = (text: string): boolean => !NOT_IN_HEADER_VALUE.test(text);

const LINE_ENDS = /[\0\r\n]/u;

/** All that a header rule asks for when it is not strict: that the text cannot end a header. */
export const isHeaderText = (text: string): boolean => !LINE_ENDS.test(text);

const IPV4_BYTES = 4;
const IPV6_BYTES = 16;

export const isIpv4Bytes = (bytes: Uint8Array): boolean => bytes.length === IPV4_BYTES;

export const isIpv6Bytes = (bytes: Uint8Array): boolean => bytes.length === IPV6_BYTES;

export const isIpBytes = (bytes: Uint8Array): boolean => isIpv4Bytes(bytes) || isIpv6Bytes(bytes);
