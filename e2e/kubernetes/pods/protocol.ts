/** What a test and the programs in its pods say to each other. */

/** Where every pod of the suite listens for its test. */
export const CONTROL_PORT = 8081;

/** Whether a backend passes its readiness probe. It serves all the same. */
export interface Readiness {
  readonly ready: boolean;
}

/** What a client asks all the time. */
export interface Traffic {
  /** Such as `xds:///greeter.shop:8080`. */
  readonly target: string;
  /** Requests per second. */
  readonly rate: number;
  readonly deadlineMs: number;
  readonly waitForReady: boolean;
}

/** What became of a client's requests to one target since it started. */
export interface TargetStats {
  readonly target: string;
  readonly sent: number;
  readonly ok: number;
  readonly byPod: Readonly<Record<string, number>>;
  readonly failed: number;
  /** The first hundred. */
  readonly failures: readonly Failure[];
}

export interface Failure {
  /** Milliseconds since the client started. */
  readonly sentAt: number;
  readonly failedAt: number;
  readonly message: string;
}

export interface ClientStats {
  /** Differs once the program has been started again, and has forgotten what it counted. */
  readonly run: string;
  readonly targets: readonly TargetStats[];
}

/** What a reader is to ask of a server over a stream of its own. */
export interface Question {
  /** HOST:PORT. */
  readonly server: string;
  /** Names of clusters. */
  readonly names: readonly string[];
  /** Where the reader says it is. Without both, it does not say. */
  readonly zone?: { readonly region: string; readonly zone: string };
  readonly node?: string;
}

export interface AssignedEndpoint {
  /** ADDRESS:PORT. */
  readonly address: string;
  readonly zone: string;
  readonly health: string;
  readonly priority: number;
}

/** By cluster; what the server has no assignment of is absent. */
export type Assignments = Readonly<Record<string, readonly AssignedEndpoint[]>>;
