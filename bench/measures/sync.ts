import type { Figure } from "../figure.ts";
import { connectAll, startLoad, startServing } from "../processes.ts";
import type { Size } from "../size.ts";

/** What a client costs from its connection to its first assignment: listener, route, cluster, assignment, four ACKs. */
export async function sync({ clients }: Size): Promise<readonly Figure[]> {
  await using load = startLoad();
  await using serving = startServing();
  await serving.call("fill", { services: 1, endpoints: 100 });
  const port = await serving.call("listen", undefined);
  await connectAll(load, { port, clients }); // compiles the code
  await load.call("disconnect", undefined);
  const start = await serving.call("cpuUs", undefined);
  await connectAll(load, { port, clients });
  const used = (await serving.call("cpuUs", undefined)) - start;
  return [{ what: `CPU per first sync, ${clients} clients`, value: used / clients, unit: "us" }];
}
