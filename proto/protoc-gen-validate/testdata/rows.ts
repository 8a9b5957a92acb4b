/** One field with one set of rules, values that keep them, and values that break the one named. */
export interface Row {
  /** The field's type, in proto. */
  readonly type: string;
  /** The field's `validate.rules`, in proto's text form. */
  readonly options: string;
  readonly kept: readonly unknown[];
  /** The rule that every broken value breaks, and no other. */
  readonly rule: string;
  readonly broken: readonly unknown[];
}

const row = (
  type: string,
  options: string,
  kept: readonly unknown[],
  rule: string,
  broken: readonly unknown[],
): Row => ({
  type,
  options,
  kept,
  rule,
  broken,
});

const INTEGERS = [
  "int32",
  "int64",
  "uint32",
  "uint64",
  "sint32",
  "sint64",
  "fixed32",
  "fixed64",
  "sfixed32",
  "sfixed64",
];

const ofNumbers = (type: string): readonly Row[] => [
  row(type, `${type}: {const: 3}`, [3], `${type}.const`, [0, 2, 4]),
  row(type, `${type}: {lt: 3}`, [0, 2], `${type}.lt`, [3, 4, Number.NaN]),
  row(type, `${type}: {lte: 3}`, [0, 3], `${type}.lte`, [4]),
  row(type, `${type}: {gt: 3}`, [4], `${type}.gt`, [0, 3]),
  row(type, `${type}: {gte: 3}`, [3, 4], `${type}.gte`, [0, 2]),
  row(type, `${type}: {gte: 3, lte: 5}`, [3, 4, 5], `${type}.lte`, [6]),
  row(type, `${type}: {gt: 5, lt: 3}`, [2, 6], `${type}.gt`, [3, 4, 5]),
  row(type, `${type}: {gte: 5, lte: 3}`, [3, 5], `${type}.gte`, [4]),
  row(type, `${type}: {in: [1, 3]}`, [1, 3], `${type}.in`, [0, 2]),
  row(type, `${type}: {not_in: [1, 3]}`, [0, 2], `${type}.not_in`, [1, 3]),
  row(type, `${type}: {gte: 3, ignore_empty: true}`, [0, 3], `${type}.gte`, [1, 2]),
];

const NUMBERS: readonly Row[] = [
  ...[...INTEGERS, "float", "double"].flatMap(ofNumbers),
  row("int32", "int32: {gte: -3}", [-3, 0], "int32.gte", [-4]),
  row("float", "float: {const: 0.1}", [0.1, Math.fround(0.1)], "float.const", [0.11]),
  row("double", "double: {lt: inf}", [1e300], "double.lt", [Number.POSITIVE_INFINITY]),
  row("uint64", "uint64: {lte: 18446744073709551615}", [2 ** 53 - 1], "uint64.lte", [2 ** 65]),
  row("google.protobuf.UInt32Value", "uint32: {gte: 1}", [undefined, 1], "uint32.gte", [0]),
  row("google.protobuf.UInt32Value", "message: {required: true}", [0], "message.required", [undefined]),
  row("google.protobuf.DoubleValue", "double: {gt: 0}", [undefined, 0.5], "double.gt", [0]),
  row("optional uint32", "uint32: {gte: 1}", [undefined, 1], "uint32.gte", [0]),
];

const LABEL_63 = "a".repeat(63);
const HOSTNAME_253 = [LABEL_63, LABEL_63, LABEL_63, "a".repeat(61)].join(".");

const STRINGS: readonly Row[] = [
  row("string", 'string: {const: "ab"}', ["ab"], "string.const", ["", "AB"]),
  row("string", "string: {len: 2}", ["ab", "😀é"], "string.len", ["", "a", "abc", "😀"]),
  row("string", "string: {min_len: 1}", ["a", "😀"], "string.min_len", [""]),
  row("string", "string: {min_len: 2}", ["ab", "😀😀"], "string.min_len", ["", "a", "😀"]),
  row("string", "string: {max_len: 2}", ["", "ab", "😀😀"], "string.max_len", ["abc"]),
  row("string", "string: {len_bytes: 4}", ["abcd", "😀", "éé"], "string.len_bytes", ["", "é", "abcde"]),
  row("string", "string: {min_bytes: 3}", ["abc", "€"], "string.min_bytes", ["ab", "é"]),
  row("string", "string: {max_bytes: 3}", ["", "abc", "€"], "string.max_bytes", ["abcd", "😀"]),
  row("string", 'string: {pattern: "^[a-c]+$"}', ["abc"], "string.pattern", ["", "abd", "abc\n"]),
  row("string", 'string: {pattern: "^.$"}', ["😀", "\r"], "string.pattern", ["", "ab", "\n"]),
  row("string", 'string: {pattern: "(?i)^ab$"}', ["ab", "AB"], "string.pattern", ["abc"]),
  row("string", 'string: {prefix: "ab"}', ["ab", "abc"], "string.prefix", ["", "a", "cab"]),
  row("string", 'string: {suffix: "ab"}', ["ab", "cab"], "string.suffix", ["", "b", "abc"]),
  row("string", 'string: {contains: "ab"}', ["ab", "cabc"], "string.contains", ["", "acb"]),
  row("string", 'string: {not_contains: "ab"}', ["", "acb"], "string.not_contains", ["ab", "cabc"]),
  row("string", 'string: {in: ["a", "b"]}', ["a", "b"], "string.in", ["", "c"]),
  row("string", 'string: {not_in: ["a", "b"]}', ["", "c"], "string.not_in", ["a", "b"]),
  row("string", "string: {email: true}", ["a.b+c@example.com", '"a b"@x.y'], "string.email", [
    "",
    "a",
    "a@",
    "@b",
    "a b@c.d",
  ]),
  row("string", "string: {hostname: true}", ["a", "A-1.example.com.", HOSTNAME_253], "string.hostname", [
    "",
    "-a",
    "a-",
    "a..b",
    "a_b",
    `${LABEL_63}a`,
    `${HOSTNAME_253}a`,
  ]),
  row("string", "string: {ip: true}", ["10.0.0.1", "::1"], "string.ip", ["", "10.0.0", "localhost", "fe80::1%eth0"]),
  row("string", "string: {ipv4: true}", ["0.0.0.0", "255.255.255.255"], "string.ipv4", [
    "::1",
    "256.0.0.1",
    "01.0.0.1",
  ]),
  row("string", "string: {ipv6: true}", ["::", "1::", "1:2:3:4:5:6:7:8", "::ffff:1.2.3.4"], "string.ipv6", [
    "10.0.0.1",
    "1:2:3:4:5:6:7",
    "1::2::3",
    "12345::",
    "1:2:3:4:5:6:7::8",
  ]),
  row("string", "string: {uri: true}", ["http://a/b?c#d", "urn:a:b"], "string.uri", ["", "/a", "a b:c", "http://a b"]),
  row("string", "string: {uri_ref: true}", ["", "/a", "a?b=c", "http://a", "%20"], "string.uri_ref", [
    "a b",
    "%2",
    "1a:b",
  ]),
  row("string", "string: {address: true}", ["example.com", "10.0.0.1", "::1"], "string.address", ["", "a_b", ":::"]),
  row("string", "string: {uuid: true}", ["01234567-89ab-CDEF-0123-456789abcdef"], "string.uuid", [
    "",
    "0123456789abCDEF0123456789abcdef",
    "g1234567-89ab-cdef-0123-456789abcdef",
  ]),
  row("string", "string: {well_known_regex: HTTP_HEADER_NAME}", ["x-a", ":path"], "string.well_known_regex", [
    "",
    "a b",
    "a\n",
  ]),
  row("string", "string: {well_known_regex: HTTP_HEADER_VALUE}", ["", "a b\té"], "string.well_known_regex", [
    "a\n",
    "\x7f",
  ]),
  row("string", "string: {well_known_regex: HTTP_HEADER_NAME, strict: false}", ["", "a b"], "string.well_known_regex", [
    "a\r",
    "a\n",
    "\0",
  ]),
  row("string", "string: {well_known_regex: HTTP_HEADER_VALUE, strict: false}", ["\x7f"], "string.well_known_regex", [
    "a\n",
  ]),
  row("string", "string: {min_len: 2, ignore_empty: true}", ["", "ab"], "string.min_len", ["a"]),
  row("google.protobuf.StringValue", "string: {min_len: 1}", [undefined, "a"], "string.min_len", [""]),
];

const bytes = (...values: number[]): Uint8Array => new Uint8Array(values);

const BYTES: readonly Row[] = [
  row("bytes", 'bytes: {const: "\\001\\002"}', [bytes(1, 2)], "bytes.const", [bytes(), bytes(1), bytes(1, 3)]),
  row("bytes", "bytes: {len: 2}", [bytes(1, 2)], "bytes.len", [bytes(), bytes(1, 2, 3)]),
  row("bytes", "bytes: {min_len: 2}", [bytes(1, 2)], "bytes.min_len", [bytes(1)]),
  row("bytes", "bytes: {max_len: 2}", [bytes(), bytes(1, 2)], "bytes.max_len", [bytes(1, 2, 3)]),
  row("bytes", 'bytes: {pattern: "^[a-c]+$"}', [bytes(97, 98)], "bytes.pattern", [bytes(), bytes(100)]),
  row("bytes", 'bytes: {prefix: "\\001\\002"}', [bytes(1, 2), bytes(1, 2, 3)], "bytes.prefix", [bytes(1), bytes(2, 1)]),
  row("bytes", 'bytes: {suffix: "\\001\\002"}', [bytes(1, 2), bytes(3, 1, 2)], "bytes.suffix", [
    bytes(2),
    bytes(1, 2, 3),
  ]),
  row("bytes", 'bytes: {contains: "\\001\\002"}', [bytes(3, 1, 2, 3)], "bytes.contains", [bytes(), bytes(1, 3, 2)]),
  row("bytes", 'bytes: {in: ["\\001", "\\002"]}', [bytes(1), bytes(2)], "bytes.in", [bytes(), bytes(3)]),
  row("bytes", 'bytes: {not_in: ["\\001", "\\002"]}', [bytes(), bytes(3)], "bytes.not_in", [bytes(1), bytes(2)]),
  row("bytes", "bytes: {ip: true}", [new Uint8Array(4), new Uint8Array(16)], "bytes.ip", [bytes(), bytes(1)]),
  row("bytes", "bytes: {ipv4: true}", [new Uint8Array(4)], "bytes.ipv4", [new Uint8Array(16)]),
  row("bytes", "bytes: {ipv6: true}", [new Uint8Array(16)], "bytes.ipv6", [new Uint8Array(4)]),
  row("bytes", "bytes: {min_len: 2, ignore_empty: true}", [bytes(), bytes(1, 2)], "bytes.min_len", [bytes(1)]),
  row("google.protobuf.BytesValue", "bytes: {min_len: 1}", [undefined, bytes(1)], "bytes.min_len", [bytes()]),
];

const FLAGS: readonly Row[] = [
  row("bool", "bool: {const: true}", [true], "bool.const", [false]),
  row("bool", "bool: {const: false}", [false], "bool.const", [true]),
  row("google.protobuf.BoolValue", "bool: {const: true}", [undefined, true], "bool.const", [false]),
  row("Color", "enum: {const: 1}", [1], "enum.const", [0]),
  row("Color", "enum: {const: 9}", [9], "enum.const", [0]),
  row("Color", "enum: {defined_only: true}", [0, 1, 5], "enum.defined_only", [2, -1, 6]),
  row("Color", "enum: {in: [1, 5]}", [1, 5], "enum.in", [0]),
  row("Color", "enum: {not_in: [0]}", [1, 7], "enum.not_in", [0]),
];

const COLLECTIONS: readonly Row[] = [
  row("repeated string", "repeated: {min_items: 1}", [["a"]], "repeated.min_items", [[]]),
  row("repeated string", "repeated: {max_items: 1}", [[], ["a"]], "repeated.max_items", [["a", "b"]]),
  row("repeated string", "repeated: {unique: true}", [[], ["a", "b"]], "repeated.unique", [
    ["a", "b", "a"],
    [...Array.from({ length: 20 }, String), "0"],
  ]),
  row("repeated bytes", "repeated: {unique: true}", [[bytes(1), bytes(2)]], "repeated.unique", [[bytes(1), bytes(1)]]),
  row("repeated string", "repeated: {items: {string: {min_len: 1}}}", [[], ["a"]], "repeated.items.string.min_len", [
    [""],
  ]),
  row("repeated Color", "repeated: {items: {enum: {defined_only: true}}}", [[0]], "repeated.items.enum.defined_only", [
    [3],
  ]),
  row(
    "repeated google.protobuf.UInt32Value",
    "repeated: {items: {uint32: {gte: 1}}}",
    [[1]],
    "repeated.items.uint32.gte",
    [[0]],
  ),
  row("repeated string", "repeated: {min_items: 2, ignore_empty: true}", [[], ["a", "b"]], "repeated.min_items", [
    ["a"],
  ]),
  row("map<string, string>", "map: {min_pairs: 1}", [{ a: "" }], "map.min_pairs", [{}]),
  row("map<string, string>", "map: {max_pairs: 1}", [{}, { a: "" }], "map.max_pairs", [{ a: "", b: "" }]),
  row("map<bool, string>", "map: {max_pairs: 1}", [new Map()], "map.max_pairs", [
    new Map([
      [true, ""],
      [false, ""],
    ]),
  ]),
  row("map<string, string>", "map: {keys: {string: {min_len: 1}}}", [{ a: "" }], "map.keys.string.min_len", [
    { "": "a" },
  ]),
  row("map<uint32, string>", "map: {keys: {uint32: {gte: 2}}}", [{ 2: "" }], "map.keys.uint32.gte", [{ 1: "" }]),
  row("map<int64, string>", "map: {keys: {int64: {lt: 2}}}", [{ "-1": "" }], "map.keys.int64.lt", [{ 2: "" }]),
  row("map<bool, string>", "map: {keys: {bool: {const: true}}}", [new Map([[true, ""]])], "map.keys.bool.const", [
    new Map([[false, ""]]),
  ]),
  row("map<string, uint32>", "map: {values: {uint32: {gte: 2}}}", [{ a: 2 }], "map.values.uint32.gte", [{ a: 1 }]),
  row("map<string, Color>", "map: {values: {enum: {in: [1]}}}", [{ a: 1 }], "map.values.enum.in", [{ a: 0 }]),
  row("map<string, Empty>", "map: {no_sparse: true}", [{ a: {} }], "map.no_sparse", [{ a: undefined }]),
  row("map<string, string>", "map: {min_pairs: 2, ignore_empty: true}", [{}], "map.min_pairs", [{ a: "" }]),
];

const any = (typeUrl: string): unknown => ({ typeUrl, value: bytes() });
const duration = (seconds: number, nanos = 0): unknown => ({ seconds, nanos });
const time = (seconds: number): Date => new Date(seconds * 1e3);

/** When the validators of the table are told that it is. */
export const NOW = time(1000);

const WELL_KNOWN: readonly Row[] = [
  row("google.protobuf.Any", "any: {required: true}", [any("a/b")], "any.required", [undefined]),
  row("google.protobuf.Any", 'any: {in: ["a/b"]}', [undefined, any("a/b")], "any.in", [any(""), any("a/c")]),
  row("google.protobuf.Any", 'any: {not_in: ["a/b"]}', [undefined, any("a/c")], "any.not_in", [any("a/b")]),
  row("Empty", "message: {required: true}", [{}], "message.required", [undefined]),
  row("Empty", "any: {required: true}", [{}], "any.required", [undefined]),
  row("google.protobuf.Duration", "duration: {required: true}", [duration(0)], "duration.required", [undefined]),
  row("google.protobuf.Duration", "duration: {gt: {}}", [duration(1)], "duration", [duration(1, -1), duration(1, 1e9)]),
  row("google.protobuf.Duration", "duration: {const: {nanos: 5}}", [undefined, duration(0, 5)], "duration.const", [
    duration(0),
    duration(5),
  ]),
  row("google.protobuf.Duration", "duration: {lt: {seconds: 1}}", [duration(0, 999_999_999)], "duration.lt", [
    duration(1),
  ]),
  row("google.protobuf.Duration", "duration: {lte: {seconds: 1}}", [duration(1)], "duration.lte", [duration(1, 1)]),
  row("google.protobuf.Duration", "duration: {gt: {}}", [duration(0, 1)], "duration.gt", [duration(0), duration(-1)]),
  row("google.protobuf.Duration", "duration: {gte: {nanos: 5}}", [duration(0, 5)], "duration.gte", [duration(0, 4)]),
  row(
    "google.protobuf.Duration",
    "duration: {gt: {seconds: 5}, lt: {seconds: 3}}",
    [duration(2), duration(6)],
    "duration.gt",
    [duration(3), duration(5)],
  ),
  row("google.protobuf.Duration", "duration: {in: [{}, {seconds: 2}]}", [duration(0), duration(2)], "duration.in", [
    duration(1),
  ]),
  row("google.protobuf.Duration", "duration: {not_in: [{}]}", [duration(1)], "duration.not_in", [duration(0)]),
  row("google.protobuf.Timestamp", "timestamp: {required: true}", [time(0)], "timestamp.required", [undefined]),
  row("google.protobuf.Timestamp", "timestamp: {const: {seconds: 5}}", [time(5)], "timestamp.const", [time(4)]),
  row("google.protobuf.Timestamp", "timestamp: {lt: {seconds: 5}}", [time(4)], "timestamp.lt", [
    time(5),
    new Date(Number.NaN),
  ]),
  row("google.protobuf.Timestamp", "timestamp: {lte: {seconds: 5}}", [time(5)], "timestamp.lte", [time(6)]),
  row("google.protobuf.Timestamp", "timestamp: {gt: {seconds: 5}}", [time(6)], "timestamp.gt", [time(5)]),
  row("google.protobuf.Timestamp", "timestamp: {gte: {seconds: 5}}", [time(5)], "timestamp.gte", [time(4)]),
  row("google.protobuf.Timestamp", "timestamp: {lt_now: true}", [undefined, time(999)], "timestamp.lt_now", [NOW]),
  row("google.protobuf.Timestamp", "timestamp: {gt_now: true}", [time(1001)], "timestamp.gt_now", [NOW]),
  row("google.protobuf.Timestamp", "timestamp: {within: {seconds: 5}}", [time(995), time(1005)], "timestamp.within", [
    time(994),
    time(1006),
  ]),
];

/** Every rule of protoc-gen-validate that concerns one field. */
export const ROWS: readonly Row[] = [...NUMBERS, ...STRINGS, ...BYTES, ...FLAGS, ...COLLECTIONS, ...WELL_KNOWN];
