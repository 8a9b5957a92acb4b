import { connectivityState, experimental, type Metadata, status } from "@grpc/grpc-js";
import type { Tally } from "./loads/ledger.ts";
import { reportedLoad } from "./orca.ts";
import type { PodAddress } from "./parse/assignment.ts";
import { count, type ErrorRate, fade, noErrors } from "./pick/error-bias.ts";
import type { createOutstanding, Outstanding } from "./pick/outstanding.ts";
import type { PodView } from "./pick/strategy.ts";

type Subchannel = experimental.SubchannelInterface;

/** `failed` from a failed attempt to connect until one succeeds. */
export type PodState = "unused" | "connecting" | "ready" | "failed";

/** Answers that say that the pod is not well, rather than that the request was not. */
const FAILURES: ReadonlySet<number> = new Set([
  status.UNKNOWN,
  status.DEADLINE_EXCEEDED,
  status.RESOURCE_EXHAUSTED,
  status.INTERNAL,
  status.UNAVAILABLE,
  status.DATA_LOSS,
]);

/** One pod of an assignment, its connection and what its answers tell. The balancer and its picks change it. */
export interface Pod extends PodView, Outstanding {
  readonly address: PodAddress;
  busy: number;
  turns: number;
  load: number | undefined;
  state: PodState;
  /** The last reason why it could not be connected. */
  problem: string | undefined;
  readonly errors: ErrorRate;
  /** When it was first connected, in ms; undefined before, and minus infinity for one of the first assignment, which is not new. */
  since: number | undefined;
  /** How often it is drawn, from 0 to 1, and why that is less than 1. */
  weight: number;
  disfavouredFor: "errors" | "slow start" | undefined;
  picks: number;
  failures: number;
  /** Where its requests are counted for load reports. */
  tally: Tally | undefined;
  /** What a pick of it answers; usable while it is ready. */
  result: experimental.PickResult | undefined;
  connect(): void;
  close(): void;
}

export interface PodHost {
  readonly createSubchannel: (address: PodAddress) => Subchannel;
  readonly outstanding: ReturnType<typeof createOutstanding>;
  readonly errorHalfLifeMs: number;
  readonly now: () => number;
  /** Its state has changed. */
  onState(pod: Pod): void;
  onStarted(): void;
  onEnded(): void;
}

const LOAD_SMOOTHING = 0.2;

function answered(pod: Pod, host: PodHost, code: number, trailers: Metadata): void {
  if (FAILURES.has(code)) pod.failures += 1;
  if (host.errorHalfLifeMs > 0 && code !== status.CANCELLED) {
    fade(pod.errors, host.now(), host.errorHalfLifeMs);
    count(pod.errors, FAILURES.has(code));
  }
  const load = reportedLoad(trailers);
  if (load !== undefined) pod.load = pod.load === undefined ? load : pod.load + LOAD_SMOOTHING * (load - pod.load);
}

function entered(tally: Tally | undefined): void {
  if (tally === undefined) return;
  tally.issued += 1;
  tally.inProgress += 1;
}

function left(tally: Tally | undefined, code: number): void {
  if (tally === undefined) return;
  tally.inProgress -= 1;
  if (code === status.OK) tally.succeeded += 1;
  else tally.failed += 1;
}

/** One result for all picks: calls of grpc-js tell apart neither their starts nor their ends. */
const resultOf = (pod: Pod, subchannel: Subchannel, host: PodHost): experimental.PickResult => {
  const { tally } = pod; // so that a request leaves the count that it entered
  return {
    pickResultType: experimental.PickResultType.COMPLETE,
    subchannel,
    status: null,
    onCallStarted: () => {
      host.outstanding.started(pod);
      host.onStarted();
      entered(tally);
    },
    onCallEnded: (code, _, trailers) => {
      host.outstanding.ended(pod);
      host.onEnded();
      left(tally, code);
      answered(pod, host, code, trailers);
    },
  };
};

function stateAfter(before: PodState, now: connectivityState): PodState {
  if (now === connectivityState.READY) return "ready";
  if (now === connectivityState.TRANSIENT_FAILURE) return "failed";
  return before === "failed" ? "failed" : "connecting";
}

const unconnected = (address: PodAddress, now: number): Omit<Pod, "connect" | "close"> => ({
  address,
  inFlight: 0,
  busy: 0,
  turns: 0,
  load: undefined,
  state: "unused",
  problem: undefined,
  errors: noErrors(now),
  since: undefined,
  weight: 1,
  disfavouredFor: undefined,
  picks: 0,
  failures: 0,
  tally: undefined,
  result: undefined,
});

/** A pod that is not connected before it is told to; from then on it connects again whenever it loses its connection. */
export function createPod(address: PodAddress, host: PodHost): Pod {
  let subchannel: Subchannel | undefined;
  const onConnectivity = (_: Subchannel, __: number, now: connectivityState, ___: number, problem?: string): void => {
    if (problem !== undefined) pod.problem = problem;
    if (now === connectivityState.IDLE) subchannel?.startConnecting();
    const next = stateAfter(pod.state, now);
    if (next === pod.state) return;
    pod.state = next;
    host.onState(pod);
  };
  const connect = (): void => {
    if (subchannel !== undefined) return;
    subchannel = host.createSubchannel(address);
    subchannel.ref();
    subchannel.addConnectivityStateListener(onConnectivity);
    pod.result = resultOf(pod, subchannel, host);
    pod.state = stateAfter("unused", subchannel.getConnectivityState());
    if (pod.state !== "ready") subchannel.startConnecting();
    host.onState(pod);
  };
  const close = (): void => {
    subchannel?.removeConnectivityStateListener(onConnectivity);
    subchannel?.unref(); // what it still has to answer, it answers
    subchannel = undefined;
    pod.state = "unused";
  };
  const pod: Pod = { ...unconnected(address, host.now()), connect, close };
  return pod;
}
