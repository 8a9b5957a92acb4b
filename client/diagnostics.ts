import { channel } from "node:diagnostics_channel";

/** A name that a server was asked for and has not told of. */
export interface MissingEvent {
  readonly type: string;
  readonly name: string;
  /** The server that was asked. */
  readonly server: string;
  readonly afterMs: number;
}

/** Resources of a response that were refused; those in use stay. */
export interface RefusedEvent {
  readonly type: string;
  readonly version: string;
  readonly server: string;
  readonly problems: Readonly<Record<string, string>>;
}

/** A server that cannot be reached. */
export interface TroubleEvent {
  readonly server: string;
  readonly message: string;
}

/** A channel's cluster was given another assignment. */
export interface AssignmentEvent {
  readonly target: string;
  readonly cluster: string;
  readonly version: string;
  readonly pods: number;
}

const missing = channel("evenkeel:missing");
const refused = channel("evenkeel:refused");
const trouble = channel("evenkeel:trouble");
const assignment = channel("evenkeel:assignment");

/** Events for `node:diagnostics_channel`, under the names `evenkeel:missing` and so on. */
export const diagnostics = {
  missing: (event: MissingEvent): void => missing.publish(event),
  refused: (event: RefusedEvent): void => refused.publish(event),
  trouble: (event: TroubleEvent): void => trouble.publish(event),
  assignment: (event: AssignmentEvent): void => assignment.publish(event),
};
