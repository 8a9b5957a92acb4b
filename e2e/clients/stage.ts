import { expect } from "vitest";
import { type ClientKind, type Feature, kindOf } from "../../snapshots/resources/client-kind.ts";
import { type Backend, type Behaviour, METHOD, startBackend } from "../harness/backends.ts";
import { type Environment, environmentFor } from "../harness/bootstraps.ts";
import {
  type ClientProcess,
  type Program,
  type ServingProcess,
  startClient,
  startServing,
} from "../harness/client-process.ts";
import { type ControlPlane, type ControlPlaneOptions, startControlPlane } from "../harness/control-plane.ts";
import { CLIENTS } from "./clients.ts";
import type { ScenarioId } from "./list.ts";
import { TARGET } from "./world.ts";

/** The client that is put through scenarios. */
export interface Subject {
  readonly name: string;
  readonly kind: ClientKind;
  readonly program: Program;
  readonly flaws?: Flaws;
}

type Flaws = Readonly<Partial<Record<ScenarioId, string>>>;

interface DialOptions {
  /** Instead of what is printed for it by default. */
  readonly environment?: Environment;
  readonly target?: string;
  readonly zone?: string;
  readonly seconds?: number;
  readonly count?: number;
  readonly rate?: number;
  readonly deadline?: number;
  readonly parallel?: number;
  readonly header?: string;
}

interface PodOptions {
  readonly address?: string;
  readonly behaviour?: Behaviour;
}

/** Where one scenario plays: whatever it starts here ends with it, and is looked at before. */
export interface Stage extends AsyncDisposable {
  /** That of the client's program. */
  readonly name: string;
  readonly kind: ClientKind;
  /** Whether the client does what a Service asks for by an annotation. */
  does(feature: Feature): boolean;
  /** Whether the client is known to do wrong there. */
  isFlawed(id: ScenarioId): boolean;
  /** A pod on an address of its own, and all on one port. */
  pod(name: string, options?: PodOptions): Promise<Backend>;
  pods(...names: readonly string[]): Promise<readonly Backend[]>;
  /** An address that no pod of any stage has. */
  address(): string;
  plane(options: ControlPlaneOptions): Promise<ControlPlane>;
  /** Starts the client. @param servers what it asks: the address of a plane */
  dial(servers: string, options?: DialOptions): ClientProcess;
  /** Starts a server that asks for its listener. */
  serve(servers: string, address: string, name: string): ServingProcess;
}

/** Scenarios run beside each other, in several processes: each has addresses of its own. */
let stages = 0;
function addressesOf(): () => string {
  const net = 100 + (Number(process.env.VITEST_POOL_ID) % 100);
  const stage = stages % 250;
  stages += 1;
  let used = 0;
  return () => {
    used += 1;
    return `127.${net}.${stage}.${used}`;
  };
}

/** Nobody has refused anything. Looked at before it ends, since what was counted ends with it. */
async function startLookedAt(options: ControlPlaneOptions): Promise<ControlPlane> {
  const plane = await startControlPlane(options);
  let ended = false;
  const end = async (): Promise<void> => {
    if (ended) return;
    ended = true;
    const nacks = await plane.nacks().finally(() => plane[Symbol.asyncDispose]());
    expect(nacks, "responses that the client rejected").toBe(0);
  };
  return { ...plane, [Symbol.asyncDispose]: end };
}

/** A first request waits for a whole process to start, on a machine that may be busy. */
const DEADLINE_S = 60;

const flagsOf = (options: object): string[] =>
  Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);

export function createStage({ name, kind, program, flaws = {} }: Subject): Stage {
  const ends = new AsyncDisposableStack();
  const address = addressesOf();
  const bootstrap = (server: string, zone = "a"): Environment =>
    environmentFor(name in CLIENTS ? name : "node", server, { id: `${name}-${zone}`, region: "r", zone });
  let port = 0;
  const pod = async (podName: string, options: PodOptions = {}): Promise<Backend> => {
    const { address: own = address(), ...rest } = options;
    const backend = ends.use(await startBackend(podName, own, { ...rest, port }));
    if (options.address === undefined) port = backend.port;
    return backend;
  };
  return {
    name,
    kind,
    does: (feature) => "since" in kindOf(kind).features[feature],
    isFlawed: (id) => flaws[id] !== undefined,
    address,
    pod,
    pods: async (...names) => {
      const started: Backend[] = [];
      for (const each of names) started.push(await pod(each));
      return started;
    },
    // On an address of its own, so that its port is free when another takes its place.
    plane: async (options) => ends.use(await startLookedAt({ xds: `${address()}:0`, ...options })),
    dial: (servers, { target = TARGET, zone = "a", environment = bootstrap(servers, zone), ...options } = {}) => {
      const flags = flagsOf({ method: METHOD, deadline: DEADLINE_S, ...options });
      return ends.use(startClient(program, [target, ...flags], environment));
    },
    serve: (servers, serveAt, podName) =>
      ends.use(startServing(program, flagsOf({ method: METHOD, serve: serveAt, name: podName }), bootstrap(servers))),
    [Symbol.asyncDispose]: () => ends.disposeAsync(),
  };
}
