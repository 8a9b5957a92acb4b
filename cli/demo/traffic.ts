import { writeFile } from "node:fs/promises";
import path from "node:path";
import { bootstrapOf } from "../bootstrap.ts";
import type { Answers, Reading, Way } from "./figures.ts";
import { type Program, startProgram } from "./program.ts";

export interface ZoneTraffic {
  readonly zone: string;
  /** Requests per second, over each way. */
  readonly rate: number;
}

/** Real clients: for each zone one that asks evenkeel, and one that knows nothing but the address of the Service. */
export interface Traffic extends AsyncDisposable {
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
  /** A JavaScript program that takes a target, `--rate` and `--connections`. */
  readonly program: string;
  /** For files that end with the demo. */
  readonly folder: string;
  onCrash(reason: Error): void;
}

async function writeBootstrap({ zone }: ZoneTraffic, { xds, folder }: TrafficOptions): Promise<string> {
  const file = path.join(folder, `bootstrap-${zone}.json`);
  const identity = { server: xds, id: `demo-${zone}`, zone, metadata: {} };
  await writeFile(file, JSON.stringify(bootstrapOf(identity), undefined, 2));
  return file;
}

export async function startTraffic(options: TrafficOptions): Promise<Traffic> {
  const { target, serviceIp, connections, program, onCrash } = options;
  const counted: Record<Way, Map<string, Answers>> = { evenkeel: new Map(), connections: new Map() };
  const programs: Program[] = [];
  const start = (way: Way, { zone, rate }: ZoneTraffic, args: readonly string[], env: Record<string, string>): void => {
    const command = [program, ...args, "--rate", String(rate)];
    const onLine = (line: string): unknown => counted[way].set(zone, JSON.parse(line) as Answers);
    programs.push(startProgram({ name: `the ${way} client of ${zone}`, command, env, onLine, onCrash }));
  };
  for (const zone of options.zones) {
    start("evenkeel", zone, [`xds:///${target}`], { GRPC_XDS_BOOTSTRAP: await writeBootstrap(zone, options) });
    start("connections", zone, [serviceIp, "--connections", String(connections)], {});
  }
  return {
    reading: (way) => new Map(counted[way]),
    [Symbol.asyncDispose]: async () => {
      await Promise.all(programs.map((one) => one.stop()));
    },
  };
}
