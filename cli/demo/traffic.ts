import { writeFile } from "node:fs/promises";
import path from "node:path";
import { bootstrapOf } from "../bootstrap.ts";
import type { Answers, Reading, Way } from "./figures.ts";
import type { Program, StartProgram } from "./program.ts";

export interface ZoneTraffic {
  readonly zone: string;
  /** Requests per second, over each way. */
  readonly rate: number;
}

/** Real clients: for each zone one that asks evenkeel, and one that knows nothing but the address of the Service. */
export interface Traffic extends AsyncDisposable {
  /** Starts the clients of one way, and resolves when all of them have had answers. */
  start(way: Way): Promise<void>;
  /** What the clients have counted so far, by zone. */
  reading(way: Way): Reading;
}

export interface TrafficOptions {
  readonly zones: readonly ZoneTraffic[];
  /** What the clients dial with `xds:///` before it. */
  readonly target: string;
  /** Where evenkeel serves xDS. */
  readonly xds: string;
  /** The address that stands for the Service. */
  readonly serviceIp: string;
  /** Connections that the clients of one zone keep to the Service. */
  readonly connections: number;
  /** A JavaScript program that takes a target, `--rate`, `--connections` and `--report`. */
  readonly program: string;
  /** For files that end with the demo. */
  readonly folder: string;
  readonly start: StartProgram;
}

async function writeBootstrap({ zone }: ZoneTraffic, { xds, folder }: TrafficOptions): Promise<string> {
  const file = path.join(folder, `bootstrap-${zone}.json`);
  const identity = { server: xds, id: `demo-${zone}`, zone, metadata: {} };
  await writeFile(file, JSON.stringify(bootstrapOf(identity), undefined, 2));
  return file;
}

/** Often, so that what is read of all clients is of one moment. */
const REPORT_MS = 100;

interface Dialling {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** The one thing in which the clients of the two ways differ. */
async function dialling(way: Way, zone: ZoneTraffic, options: TrafficOptions): Promise<Dialling> {
  switch (way) {
    case "evenkeel":
      return { args: [`xds:///${options.target}`], env: { GRPC_XDS_BOOTSTRAP: await writeBootstrap(zone, options) } };
    case "connections":
      return { args: [options.serviceIp, "--connections", String(options.connections)], env: {} };
  }
}

/** Clients that are started later. Disposing ends those that were. */
export function createTraffic(options: TrafficOptions): Traffic {
  const counted: Record<Way, Map<string, Answers>> = { evenkeel: new Map(), connections: new Map() };
  const programs: Program[] = [];
  const start = async (way: Way, zone: ZoneTraffic): Promise<Program> => {
    const { args, env } = await dialling(way, zone, options);
    const name = `the ${way} client of ${zone.zone}`;
    const command = [options.program, ...args, "--rate", String(zone.rate), "--report", String(REPORT_MS)];
    const onLine = (line: string): unknown => counted[way].set(zone.zone, JSON.parse(line) as Answers);
    const started = options.start({ name, command, env, onLine });
    programs.push(started);
    return started;
  };
  return {
    start: async (way) => {
      const started = await Promise.all(options.zones.map((zone) => start(way, zone)));
      await Promise.all(started.map(({ firstLine }) => firstLine)); // they report once they are connected
    },
    reading: (way) => new Map(counted[way]),
    [Symbol.asyncDispose]: async () => {
      await Promise.all(programs.map((one) => one.stop()));
    },
  };
}
