/** What a client makes of the policy of a Service. */
import type { TrafficPolicy } from "./derive/model.ts";
import { type ClientKind, type Feature, kindOf } from "./resources/client-kind.ts";

/** Something that a Service asks of its clients and one of them does not do. */
export interface Unfollowed {
  /** As it is written on the Service. */
  readonly annotation: string;
  /** What the client does in its place, in words. */
  readonly instead: string;
}

const ANNOTATIONS: Readonly<Record<Feature, string>> = {
  "two-choices": "evenkeel.dev/lb: two_choices",
  "round-robin": "evenkeel.dev/lb: round_robin",
  "ring-hash": "evenkeel.dev/hash-header",
  timeout: "evenkeel.dev/timeout",
  retry: "evenkeel.dev/retry-on",
  "max-requests": "evenkeel.dev/max-requests",
  "outlier-detection": "evenkeel.dev/outlier-detection",
};

const asked = ({ picker, timeoutMs, retry, maxRequests, outliers }: TrafficPolicy): readonly Feature[] => [
  picker,
  ...(timeoutMs === undefined ? [] : (["timeout"] as const)),
  ...(retry === undefined ? [] : (["retry"] as const)),
  ...(maxRequests === undefined ? [] : (["max-requests"] as const)),
  ...(outliers === undefined ? [] : (["outlier-detection"] as const)),
];

type Version = readonly [major: number, minor: number, patch: number];

const VERSIONS = /\d+\.\d+(?:\.\d+)?/g;

function versionOf(text: string): Version {
  const [major = 0, minor = 0, patch = 0] = text.split(".").map(Number);
  return [major, minor, patch];
}

/** The release of the library: the last number there is, for C-core names its core before the language around it. */
function releaseIn(kind: ClientKind, userAgentVersion: string): Version | undefined {
  const found = userAgentVersion.match(VERSIONS) ?? [];
  const release = found.length > (kind === "grpc-core" ? 1 : 0) ? found.at(-1) : undefined;
  return release === undefined ? undefined : versionOf(release);
}

const isBefore = (a: Version, b: Version): boolean => (a[0] - b[0] || a[1] - b[1] || a[2] - b[2]) < 0;

/** What a client of that kind and version does not do of what is asked; one of unknown version counts as new. */
export function unfollowed(kind: ClientKind, userAgentVersion: string, policy: TrafficPolicy): readonly Unfollowed[] {
  const release = releaseIn(kind, userAgentVersion);
  const { features } = kindOf(kind);
  return asked(policy).flatMap((feature) => {
    const support = features[feature];
    const annotation = ANNOTATIONS[feature];
    if ("instead" in support) return [{ annotation, instead: support.instead }];
    const isOld = release !== undefined && isBefore(release, versionOf(support.since));
    return isOld ? [{ annotation, instead: `${support.before ?? "nothing"}, before version ${support.since}` }] : [];
  });
}
