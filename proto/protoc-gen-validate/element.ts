import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { isWrapperDesc } from "@bufbuild/protobuf/wkt";

/** What a field holds, or a list or a map in it: one value. */
export interface Element {
  /** Whether it is a message, so that it may be unset, and message rules may speak of it. */
  readonly isMessage: boolean;
  /** The kind of rules that it may have; none for an ordinary message. */
  readonly kind: string | undefined;
  /** The message with rules of its own; none for what ts-proto makes a plain value of. */
  readonly message: DescMessage | undefined;
}

const scalarKind = (scalar: ScalarType): string => ScalarType[scalar].toLowerCase();

const WELL_KNOWN: ReadonlyMap<string, string> = new Map([
  ["google.protobuf.Any", "any"],
  ["google.protobuf.Duration", "duration"],
  ["google.protobuf.Timestamp", "timestamp"],
]);

function messageElement(message: DescMessage): Element {
  const [value] = message.fields;
  if (isWrapperDesc(message) && value?.scalar !== undefined)
    return { isMessage: true, kind: scalarKind(value.scalar), message: undefined };
  const kind = WELL_KNOWN.get(message.typeName);
  return { isMessage: true, kind, message: kind === undefined ? message : undefined };
}

/** The value of a field, an item of a list, or a value of a map. */
export function elementOf(field: DescField): Element {
  if (field.message !== undefined) return messageElement(field.message);
  const kind = field.scalar === undefined ? "enum" : scalarKind(field.scalar);
  return { isMessage: false, kind, message: undefined };
}

export const keyElement = (field: DescField & { readonly fieldKind: "map" }): Element => ({
  isMessage: false,
  kind: scalarKind(field.mapKey),
  message: undefined,
});
