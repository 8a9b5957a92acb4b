import type { ObjectKind } from "../snapshots/objects.ts";

/** How far the sources were read and when something was last published: what the pipeline says of itself. */
export interface PipelineStatus {
  /** Every feed of every source was read once, and what they say is published. */
  readonly ready: boolean;
  readonly feeds: readonly {
    readonly source: string;
    readonly kind: ObjectKind;
    readonly ready: boolean;
    readonly objects: number;
  }[];
  readonly sources: readonly {
    readonly name: string;
    readonly healthy: boolean;
    /** In words: what is read, or why it cannot be. */
    readonly detail: string;
    /** Since when it is as it is; milliseconds since the epoch. */
    readonly since: number;
  }[];
  /** Milliseconds since the epoch. */
  readonly lastPublishAt?: number;
}
