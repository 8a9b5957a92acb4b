/** Just enough of DNS (RFC 1035) for a resolver that asks for addresses. */

const HEADER = 12;
const RECORD_A = 1;
const CLASS_IN = 1;
/** A response; recursion was wanted and is available. */
const RESPONSE = 0x8180;
const NAME_ERROR = 3;
/** The name of the question, which follows the header. */
const SAME_NAME = 0xc000 | HEADER;

interface Question {
  readonly name: string;
  readonly type: number;
  /** Where the question ends. */
  readonly end: number;
}

/** The first question of a message. Throws a RangeError if it is cut off. */
function questionOf(message: Buffer): Question {
  const labels: string[] = [];
  let at = HEADER;
  for (let length = message.readUInt8(at); length > 0; length = message.readUInt8(at)) {
    labels.push(message.toString("latin1", at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join("."), type: message.readUInt16BE(at + 1), end: at + 5 };
}

function addressRecord(address: string): Buffer {
  const record = Buffer.alloc(16); // what is not written is a time to live of 0
  record.writeUInt16BE(SAME_NAME, 0);
  record.writeUInt16BE(RECORD_A, 2);
  record.writeUInt16BE(CLASS_IN, 4);
  record.writeUInt16BE(4, 10);
  record.set(address.split(".").map(Number), 12);
  return record;
}

/**
 * The response to a query: what `addressesOf` gives for its name, IPv4 only; other types have no records, and a name for which
 * it gives undefined does not exist.
 */
export function answerTo(query: Buffer, addressesOf: (name: string) => readonly string[] | undefined): Buffer {
  const { name, type, end } = questionOf(query);
  const addresses = addressesOf(name.toLowerCase());
  const records = type === RECORD_A ? (addresses ?? []).map(addressRecord) : [];
  const header = Buffer.alloc(HEADER);
  header.writeUInt16BE(query.readUInt16BE(0), 0);
  header.writeUInt16BE(addresses === undefined ? RESPONSE | NAME_ERROR : RESPONSE, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(records.length, 6);
  return Buffer.concat([header, query.subarray(HEADER, end), ...records]);
}
