import type { Zone } from "../../snapshots/balance/zone.ts";

/** A pod that answers one request at a time. */
export interface Pod {
  /** Its address. */
  readonly name: string;
  readonly zone: Zone;
  readonly serviceMs: number;
  /** When its queue will be empty. */
  freeAt: number;
  /** It accepts nothing more; who is connected to it knows. */
  isGone: boolean;
  /** Without warning: what it has not answered by then fails. */
  readonly crashesAt: number;
  served: number;
}

/** When it will have answered a request that comes now, and with `jitter` takes from half to one and a half of the usual time. */
export function answerAt(pod: Pod, now: number, jitter: number): number {
  pod.freeAt = Math.max(now, pod.freeAt) + pod.serviceMs * (0.5 + jitter);
  return pod.freeAt;
}
