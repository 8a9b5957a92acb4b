/** What a strategy sees of a pod that is connected. */
export interface PodView {
  /** Requests on their way to it or waiting for its answer. */
  readonly busy: number;
  /** Rises with each pick, faster while the pod is disfavoured, so that ties go round in proportion. */
  readonly turns: number;
  /** What the pod says of its own load, 1 being all it can do; undefined when it says nothing. */
  readonly load: number | undefined;
}

/** The place of a pod drawn at random, a disfavoured one less often. */
export type Draw = () => number;

/** The place of the pod to use; of at least one pod. */
export type Pick = (pods: readonly PodView[], draw: Draw) => number;

/** Makes the pick of one locality, which may remember. */
export type Strategy = () => Pick;
