import type { KubernetesObject, ObjectKey, ObjectKind } from "../../snapshots/objects.ts";
import type { Problem } from "../../snapshots/problem.ts";

/** One source's objects of one kind. A relist concerns one feed. */
export interface Feed {
  readonly source: string;
  readonly kind: ObjectKind;
}

/** What every source yields. A relist is `init`, `apply` …, `ready`; readers see the old objects until `ready`. */
export type SourceEvent =
  | { readonly kind: "init"; readonly feed: Feed }
  | { readonly kind: "apply"; readonly feed: Feed; readonly object: KubernetesObject }
  | { readonly kind: "remove"; readonly feed: Feed; readonly key: ObjectKey }
  | { readonly kind: "ready"; readonly feed: Feed }
  /** All that this source has to say about objects or files that it could not use; replaces what it said before. */
  | { readonly kind: "problems"; readonly source: string; readonly problems: readonly Problem[] }
  /** Whether the source can be read at the moment; `detail` for `/readyz?verbose`. */
  | { readonly kind: "status"; readonly source: string; readonly healthy: boolean; readonly detail: string };

/** Reports objects until disposed. Events come in bursts: what was read together is given together. */
export interface Source {
  readonly name: string;
  /** The feeds that must be ready before anything is served. */
  readonly feeds: readonly Feed[];
  /** Starts reporting; never throws for what it reads. Called once. */
  start(report: (burst: readonly SourceEvent[]) => void): AsyncDisposable;
}
