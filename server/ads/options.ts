/** What can be set about the xDS port. Numbers of 0 do not mean "none". */
export interface XdsOptions {
  /** `user_agent_name`s that get everything for an empty first list (S36). */
  readonly legacyWildcard: readonly string[];
  /** A connection is closed, in an orderly way, at about this age (E11). */
  readonly maxConnectionAgeMs: number;
  readonly maxConnectionAgeGraceMs: number;
  /** A connection without streams is closed after this time (E10). */
  readonly maxConnectionIdleMs: number;
  readonly maxStreamsPerConnection: number;
  /** How often the server asks a connection whether it lives, and how long it waits for the answer. */
  readonly keepaliveTimeMs: number;
  readonly keepaliveTimeoutMs: number;
  /** A socket that has not sent HTTP/2's preface by then is closed. */
  readonly prefaceTimeoutMs: number;
  /** A client that takes no bytes for this long is disconnected (E4). */
  readonly writeTimeoutMs: number;
  /** How long the removal of a resource waits for the other types' answers (B2). */
  readonly removalWaitMs: number;
  /** The largest request that is read (S34). */
  readonly maxRequestBytes: number;
  /** Names of one type that one stream may ask for. */
  readonly maxNames: number;
  /** Requests of one stream (E5). */
  readonly requests: Rate;
  /** New connections (E5). */
  readonly connections: Rate;
  readonly maxConnectionsPerAddress: number;
}

/** So many per second in the long run, and so many at once. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

export const DEFAULT_XDS_OPTIONS: XdsOptions = {
  legacyWildcard: ["envoy"],
  maxConnectionAgeMs: 30 * 60_000,
  maxConnectionAgeGraceMs: 20_000,
  maxConnectionIdleMs: 5 * 60_000,
  maxStreamsPerConnection: 1000,
  keepaliveTimeMs: 2 * 60_000,
  keepaliveTimeoutMs: 20_000,
  prefaceTimeoutMs: 10_000,
  writeTimeoutMs: 30_000,
  removalWaitMs: 15_000,
  maxRequestBytes: 16 * 1024 * 1024,
  maxNames: 200_000,
  requests: { perSecond: 500, burst: 5_000 },
  connections: { perSecond: 10_000, burst: 20_000 },
  maxConnectionsPerAddress: 50_000,
};
