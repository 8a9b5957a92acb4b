import { setTimeout as delay } from "node:timers/promises";
import type { Figure } from "../figure.ts";
import { connectAll, FIRST_SERVICE, type Load, startBare, startLoad, startServing } from "../processes.ts";
import type { Size } from "../size.ts";

/** Before figures are taken, so that the code is compiled and the buffers are grown. */
const WARM_UP_ROUNDS = 5;

/** After the clients have written their last ACK, until the server has read it. */
const READ_MS = 30;

const WITHIN_MS = 20_000;

/** Bytes of an assignment for each of its endpoints. */
const ENDPOINT_BYTES = 31;

const AIMS_US = [
  { endpoints: 100, aim: 55 },
  { endpoints: 1000, aim: 100 },
] as const;

/** A server that pushes to connected clients. */
interface Pushing extends AsyncDisposable {
  readonly load: Load;
  push(): Promise<unknown>;
  cpuUs(): Promise<number>;
}

async function startReal(endpoints: number, { clients, settleMs }: Size): Promise<Pushing> {
  await using started = new AsyncDisposableStack();
  const load = started.use(startLoad());
  const serving = started.use(startServing());
  await serving.call("fill", { services: 1, endpoints });
  await connectAll(load, { port: await serving.call("listen", undefined), clients });
  await delay(settleMs);
  const parts = started.move();
  return {
    load,
    push: () => serving.call("change", FIRST_SERVICE),
    cpuUs: () => serving.call("cpuUs", undefined),
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

async function startLeast(endpoints: number, { clients }: Size): Promise<Pushing> {
  await using started = new AsyncDisposableStack();
  const load = started.use(startLoad());
  const serving = started.use(startBare());
  const port = await serving.call("listen", endpoints * ENDPOINT_BYTES);
  await connectAll(load, { port, clients, onlyAssignments: true });
  const parts = started.move();
  return {
    load,
    push: () => serving.call("push", undefined),
    cpuUs: () => serving.call("cpuUs", undefined),
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

/** CPU of the serving process until every client has acknowledged. */
async function cpuOfRound({ load, push, cpuUs }: Pushing, clients: number): Promise<number> {
  const start = await cpuUs();
  await push();
  const all = await load.call("acknowledged", { count: clients, withinMs: WITHIN_MS });
  if (!all) throw new Error("not every client acknowledged a push");
  await delay(READ_MS);
  return (await cpuUs()) - start;
}

/** Each was sent each push once, and nothing else. */
async function expectNoSurprise({ load }: Pushing): Promise<void> {
  const { acks, lost } = await load.call("surprises", undefined);
  if (acks !== 0 || lost !== 0) throw new Error(`${acks} responses too many, ${lost} clients lost`);
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Both in turns, so that whatever else the machine does weighs on both. */
async function compare(endpoints: number, size: Size) {
  await using real = await startReal(endpoints, size);
  await using least = await startLeast(endpoints, size);
  const rounds: { real: number; least: number }[] = [];
  for (let round = 0; round < WARM_UP_ROUNDS + size.rounds; round += 1) {
    rounds.push({ real: await cpuOfRound(real, size.clients), least: await cpuOfRound(least, size.clients) });
  }
  await expectNoSurprise(real);
  await expectNoSurprise(least);
  const counted = rounds.slice(WARM_UP_ROUNDS);
  return {
    real: mean(counted.map((round) => round.real)) / size.clients,
    least: mean(counted.map((round) => round.least)) / size.clients,
  };
}

/** One changed assignment to every client, with its ACKs; beside it what grpc-js alone takes. */
export async function push(size: Size): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const { endpoints, aim } of AIMS_US) {
    const { real, least } = await compare(endpoints, size);
    const what = `${endpoints} endpoints to ${size.clients} clients`;
    figures.push(
      { what: `CPU per push and ACK, ${what}`, value: real, unit: "us", aim },
      { what: `the same, bare grpc-js, ${what}`, value: least, unit: "us" },
      { what: "the first to the second", value: real / least, unit: "x" },
    );
  }
  return figures;
}
