/**
 * Responses are spliced: the bytes of a resource inside a response are made once and shared by every stream, and a
 * response adds its version, type and nonce. The result is what ts-proto's encoder would write, byte for byte, as a frame
 * that calls can share.
 */
import type { Resource } from "../../snapshots/resources/resource.ts";
import type { TypeUrl } from "../../snapshots/type-url.ts";
import { PREFIX_BYTES, writePrefix } from "../grpc/framing.ts";
import type { Outgoing } from "./in-flight.ts";

const varintBytes = (value: number): number => {
  let bytes = 1;
  for (let rest = value; rest > 127; rest >>>= 7) bytes += 1;
  return bytes;
};

/** A length-delimited field with `size` bytes of content; all our field numbers are below 16, so a tag is one byte. */
const fieldBytes = (size: number): number => 1 + varintBytes(size) + size;

/** An empty string is not written, as proto3 has it. */
const textBytes = (size: number): number => (size === 0 ? 0 : fieldBytes(size));

/** Fills a buffer from its start. */
class Cursor {
  readonly buffer: Buffer;
  #at: number;

  constructor(size: number, start = 0) {
    this.buffer = Buffer.allocUnsafe(start + size);
    this.#at = start;
  }

  /** For a message of `size` bytes, behind its prefix. */
  static inFrame(size: number): Cursor {
    const cursor = new Cursor(size, PREFIX_BYTES);
    writePrefix(cursor.buffer);
    return cursor;
  }

  head(field: number, size: number): void {
    this.buffer[this.#at++] = (field << 3) | 2;
    let rest = size;
    for (; rest > 127; rest >>>= 7) this.buffer[this.#at++] = (rest & 127) | 128;
    this.buffer[this.#at++] = rest;
  }

  text(field: number, text: string, size: number): void {
    if (size === 0) return;
    this.head(field, size);
    this.#at += this.buffer.write(text, this.#at, "utf8");
  }

  bytes(bytes: Uint8Array): void {
    this.buffer.set(bytes, this.#at);
    this.#at += bytes.length;
  }
}

/** How much a resource's `Any` has inside. */
const anySize = ({ typeUrl, bytes }: Resource): number =>
  fieldBytes(typeUrl.length) + (bytes.length === 0 ? 0 : fieldBytes(bytes.length));

function writeAny(cursor: Cursor, { typeUrl, bytes }: Resource): void {
  cursor.text(1, typeUrl, typeUrl.length);
  if (bytes.length === 0) return;
  cursor.head(2, bytes.length);
  cursor.bytes(bytes);
}

/** `DiscoveryResponse.resources`: an `Any`. */
function makeSotwField(resource: Resource): Buffer {
  const size = anySize(resource);
  const cursor = new Cursor(fieldBytes(size));
  cursor.head(2, size);
  writeAny(cursor, resource);
  return cursor.buffer;
}

/** `DeltaDiscoveryResponse.resources`: a `Resource` with version, `Any` and name (D4). */
function makeDeltaField(resource: Resource): Buffer {
  const any = anySize(resource);
  const nameSize = Buffer.byteLength(resource.name);
  const versionSize = Buffer.byteLength(resource.version);
  const size = textBytes(versionSize) + fieldBytes(any) + textBytes(nameSize);
  const cursor = new Cursor(fieldBytes(size));
  cursor.head(2, size);
  cursor.text(3, resource.name, nameSize);
  cursor.text(1, resource.version, versionSize);
  cursor.head(2, any);
  writeAny(cursor, resource);
  return cursor.buffer;
}

function remember(make: (resource: Resource) => Buffer): (resource: Resource) => Buffer {
  const made = new WeakMap<Resource, Buffer>();
  return (resource) => {
    const known = made.get(resource);
    if (known !== undefined) return known;
    const field = make(resource);
    made.set(resource, field);
    return field;
  };
}

const sotwField = remember(makeSotwField);
const deltaField = remember(makeDeltaField);

/** How many bytes a resource takes in a response of each variant. */
export const sotwBytes = (resource: Resource): number => sotwField(resource).length;
export const deltaBytes = (resource: Resource): number => deltaField(resource).length;
/** How many bytes a removed name takes in a delta response. */
export const removedBytes = (name: string): number => fieldBytes(Buffer.byteLength(name));

const sum = (fields: readonly Uint8Array[]): number => fields.reduce((bytes, field) => bytes + field.length, 0);

function spliceSotw(typeUrl: TypeUrl, { nonce, version, resources }: Outgoing): Buffer {
  const fields = resources.map(sotwField);
  const strings = textBytes(version.length) + textBytes(typeUrl.length) + textBytes(nonce.length);
  const cursor = Cursor.inFrame(strings + sum(fields));
  cursor.text(1, version, version.length);
  for (const field of fields) cursor.bytes(field);
  cursor.text(4, typeUrl, typeUrl.length);
  cursor.text(5, nonce, nonce.length);
  return cursor.buffer;
}

interface Remembered {
  readonly nonce: string;
  readonly version: string;
  readonly bytes: Buffer;
}

/** The newest response with a resource alone in it. */
const newest = new WeakMap<Resource, Remembered>();

/**
 * A `DiscoveryResponse`. Streams that are sent one resource by one publish are given the same nonce, hence the same bytes:
 * then it is made once, and nothing of its size is copied for each stream.
 */
export function encodeSotw(typeUrl: TypeUrl, response: Outgoing): Buffer {
  const [only] = response.resources;
  if (only === undefined || response.resources.length > 1) return spliceSotw(typeUrl, response);
  const { nonce, version } = response;
  const known = newest.get(only);
  if (known !== undefined && known.nonce === nonce && known.version === version) return known.bytes;
  const bytes = spliceSotw(typeUrl, response);
  newest.set(only, { nonce, version, bytes });
  return bytes;
}

/** A frame with a `DeltaDiscoveryResponse`. */
export function encodeDelta(typeUrl: TypeUrl, { nonce, version, resources, removed }: Outgoing): Buffer {
  const fields = resources.map(deltaField);
  const names = removed.reduce((bytes, name) => bytes + removedBytes(name), 0);
  const strings = textBytes(version.length) + textBytes(typeUrl.length) + textBytes(nonce.length);
  const cursor = Cursor.inFrame(strings + sum(fields) + names);
  cursor.text(1, version, version.length);
  for (const field of fields) cursor.bytes(field);
  cursor.text(4, typeUrl, typeUrl.length);
  for (const name of removed) cursor.text(6, name, Buffer.byteLength(name));
  cursor.text(5, nonce, nonce.length);
  return cursor.buffer;
}
