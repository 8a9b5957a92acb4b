import type { Figure } from "../figure.ts";
import { connectAll, FIRST_SERVICE, startLoad, startServing } from "../processes.ts";
import type { Size } from "../size.ts";
import { nameOf } from "../world.ts";

/** Every client loses its connection and comes back in the same moment. */
export async function storm({ stormClients: clients }: Size): Promise<readonly Figure[]> {
  await using load = startLoad();
  await using serving = startServing();
  await serving.call("fill", { services: 1, endpoints: 100 });
  const port = await serving.call("listen", undefined);
  await connectAll(load, { port, clients });
  const start = await serving.call("cpuUs", undefined);
  const wanted = { port, clients, atOnce: clients, name: nameOf(FIRST_SERVICE) };
  const { served, ms, lost } = await load.call("reconnect", wanted);
  const cpuUs = (await serving.call("cpuUs", undefined)) - start;
  const lostCount = Object.values(lost).reduce((sum, count) => sum + count, 0);
  const what = `${clients} clients reconnect at once`;
  return [
    { what: `${what}: not served`, value: clients - served, unit: "count", aim: 0 },
    { what: `${what}: refused or reset`, value: lostCount, unit: "count", aim: 0 },
    { what: `${what}: until the last is served`, value: ms / 1000, unit: "s" },
    { what: `${what}: CPU per client`, value: cpuUs / clients, unit: "us" },
  ];
}
