/** What a stream must know of its variant; the rest is the same for both. */
import type { Node } from "../../gen/envoy/config/core/v3/base.ts";
import { DeltaDiscoveryRequest, DiscoveryRequest } from "../../gen/envoy/service/discovery/v3/discovery.ts";
import { emptySet, setVersion, withMember } from "../../snapshots/resources/version.ts";
import type { TypeUrl } from "../../snapshots/type-url.ts";
import { type DeltaRequest, type DeltaState, initialDelta, stepDelta } from "./delta.ts";
import { encodeDelta, encodeSotw } from "./encode.ts";
import { GONE, type InFlight, type Outgoing } from "./in-flight.ts";
import { initialSotw, type SotwRequest, type SotwState, stepSotw } from "./sotw.ts";
import type { Names, Sight, Step, TypeEvent } from "./step.ts";
import type { Subscription } from "./subscription.ts";

/** What the states of both variants have. */
export interface TypeState {
  readonly subscription: Subscription;
  readonly inFlight: InFlight;
  /** To be answered without waiting for an ACK. */
  readonly owed: Names;
  readonly dirty: Names;
  readonly removals: readonly string[];
}

export interface Incoming<Request> {
  readonly typeUrl: string;
  readonly node: Node | undefined;
  readonly request: Request;
  /** Every name in the request, to be counted and measured. */
  readonly names: readonly string[];
}

export interface Variant<Request, State extends TypeState> {
  readonly name: "sotw" | "delta";
  /** A stream may begin without node (D1). */
  readonly anonymous: boolean;
  readonly initial: State;
  step(state: State, event: TypeEvent<Request>, sight: Sight): Step<State>;
  /** Throws at bytes that are no request. */
  decode(bytes: Buffer): Incoming<Request>;
  encode(typeUrl: TypeUrl, response: Outgoing): Buffer;
  /** Of a name that the client asks for: whether it was sent something under it. */
  isResolved(state: State, name: string): boolean;
  /** The version of what was sent and of what was acknowledged, for people. */
  versions(state: State): { readonly sent: string | undefined; readonly acked: string | undefined };
}

/** Larger requests are not kept. */
const KEPT_BYTES = 4096;

/** Clients that were sent the same acknowledge it with the same bytes, so the newest request is kept with what it means. */
function remembering<Request>(decode: (bytes: Uint8Array) => Incoming<Request>): (bytes: Buffer) => Incoming<Request> {
  let newest: { readonly bytes: Buffer; readonly incoming: Incoming<Request> } | undefined;
  return (bytes) => {
    if (newest?.bytes.equals(bytes)) return newest.incoming;
    const incoming = decode(bytes);
    newest = bytes.length > KEPT_BYTES ? undefined : { bytes: Buffer.from(bytes), incoming };
    return incoming;
  };
}

export const SOTW: Variant<SotwRequest, SotwState> = {
  name: "sotw",
  anonymous: false,
  initial: initialSotw,
  step: stepSotw,
  decode: remembering((bytes) => {
    const message = DiscoveryRequest.decode(bytes);
    const { typeUrl, node, resourceNames: names, versionInfo: version, responseNonce: nonce } = message;
    return { typeUrl, node, names, request: { version, nonce, error: message.errorDetail?.message, names } };
  }),
  encode: encodeSotw,
  isResolved: ({ sent }, name) => sent.has(name),
  versions: ({ inFlight }) => ({ sent: inFlight.sent?.version, acked: inFlight.acked?.version }),
};

const digestOf = (versions: Iterable<readonly [string, string]>): string => {
  let set = emptySet;
  for (const [name, version] of versions) if (version !== GONE) set = withMember(set, undefined, { name, version });
  return setVersion(set);
};

const sentVersions = (sent: DeltaState["sent"]) =>
  [...sent.entries()].map(([name, { version }]) => [name, version] as const);

export const DELTA: Variant<DeltaRequest, DeltaState> = {
  name: "delta",
  anonymous: true,
  initial: initialDelta,
  step: stepDelta,
  decode: remembering((bytes) => {
    const message = DeltaDiscoveryRequest.decode(bytes);
    const { typeUrl, node, responseNonce: nonce, errorDetail } = message;
    const { resourceNamesSubscribe: subscribe, resourceNamesUnsubscribe: unsubscribe } = message;
    const initialVersions = new Map(Object.entries(message.initialResourceVersions));
    const request = { nonce, error: errorDetail?.message, subscribe, unsubscribe, initialVersions };
    return { typeUrl, node, names: [...subscribe, ...unsubscribe, ...initialVersions.keys()], request };
  }),
  encode: encodeDelta,
  isResolved: ({ sent, acked }, name) => (sent.get(name)?.version ?? acked.get(name) ?? GONE) !== GONE,
  versions: ({ inFlight, sent, acked }) => ({
    sent: inFlight.sent && digestOf(new Map([...acked.entries(), ...sentVersions(sent)])),
    acked: inFlight.acked && digestOf(acked.entries()),
  }),
};
