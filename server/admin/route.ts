import type { Static, TObject, TSchema } from "typebox";
import type { Convergence } from "../convergence.ts";
import type { Published } from "../current.ts";
import type { Roster } from "../roster.ts";
import type { PipelineStatus } from "../status.ts";
import type { ErrorAnswer } from "./api.ts";
import { optional } from "./shown.ts";
import type { Simulating } from "./simulate-view.ts";

/** All that an answer is made of, as it is when the question comes in. */
export interface World {
  readonly version: string;
  readonly published: Published | undefined;
  readonly roster: Roster;
  readonly convergence: Pick<Convergence, "recent">;
  readonly status: PipelineStatus;
  readonly draining: boolean;
  readonly simulating: Simulating;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Milliseconds that only grow. */
  readonly steadyNow: number;
}

/** A world in which something is served. */
export interface ServedWorld extends World {
  readonly published: Published;
}

export interface Failure {
  readonly kind: "failure";
  readonly status: 400 | 403 | 404 | 405 | 413 | 414 | 415 | 500 | 503;
  readonly answer: ErrorAnswer;
}

export type Outcome<A> = { readonly kind: "answer"; readonly status: 200 | 503; readonly answer: A } | Failure;

export const found = <A>(answer: A): Outcome<A> => ({ kind: "answer", status: 200, answer });

/** What may stand beside the words of an error. */
interface Help {
  readonly allowed?: readonly string[];
  readonly nearest?: readonly string[];
}

export const failure = (status: Failure["status"], code: string, message: string, help: Help = {}): Failure => ({
  kind: "failure",
  status,
  answer: {
    error: {
      code,
      message,
      ...optional("allowed", help.allowed && [...help.allowed]),
      ...optional("nearest", help.nearest && [...help.nearest]),
    },
  },
});

interface Asked<P, Q> {
  readonly params: P;
  readonly query: Q;
  readonly body: unknown;
}

/** One question and how it is answered: a value, so that the index and the server are made of the same list. */
export interface Route {
  /** Path parameters as fastify writes them: `/v1/clients/:id`. */
  readonly path: string;
  /** One line for the index. */
  readonly summary: string;
  readonly params: TObject;
  readonly query: TObject;
  /** A question with a body is asked by POST. It is checked by who responds. */
  readonly body?: TObject;
  readonly answer: TSchema;
  /** The shape of a 503 that is an answer and no error. */
  readonly unavailable?: TSchema;
  respond(world: World, asked: Asked<unknown, unknown>): Outcome<unknown>;
}

interface TypedRoute<P extends TObject, Q extends TObject, A extends TSchema> {
  readonly path: string;
  readonly summary: string;
  readonly params: P;
  readonly query: Q;
  readonly body?: TObject;
  readonly answer: A;
  readonly unavailable?: A;
  respond(world: World, asked: Asked<Static<P>, Static<Q>>): Outcome<Static<A>>;
}

/** Forgets the types of what is asked, once they were checked against the schemas. */
export const route = <P extends TObject, Q extends TObject, A extends TSchema>(typed: TypedRoute<P, Q, A>): Route =>
  typed;

/** Answers only when something is served; before that, says what is waited for. */
export const whenServing =
  <Asked, A>(respond: (world: ServedWorld, asked: Asked) => Outcome<A>) =>
  (world: World, asked: Asked): Outcome<A> => {
    const { published } = world;
    if (published !== undefined) return respond({ ...world, published }, asked);
    const waitingFor = waitingForOf(world.status);
    const why = waitingFor.length === 0 ? "the first snapshot is being made" : `waiting for ${waitingFor.join(", ")}`;
    return failure(503, "not-ready", `nothing is served yet: ${why}; see /readyz?verbose`);
  };

/** The feeds that were never read completely. */
export const waitingForOf = ({ feeds }: PipelineStatus): string[] =>
  feeds.filter(({ ready }) => !ready).map(({ source, kind }) => `${kind} of ${source}`);
