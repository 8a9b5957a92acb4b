import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { expect, test } from "vitest";
import { averageSkew, dice, startServiceIp } from "./service-ip.ts";

test("the same seed gives the same throws, each in [0, 1)", () => {
  const [one, two] = [dice(7), dice(7)];
  const throws = Array.from({ length: 100 }, one);
  expect(throws).toEqual(Array.from({ length: 100 }, two));
  expect(throws.every((n) => n >= 0 && n < 1)).toBe(true);
});

test("one connection per pod is even only by luck, many are nearly so", () => {
  expect(averageSkew([1, 1, 1], 3, dice(1))).toBeGreaterThan(1.5);
  expect(averageSkew(new Array(3000).fill(1), 3, dice(1), 100)).toBeLessThan(1.1);
});

/** A pod that answers whatever it is sent with its name. */
async function startPod(name: string) {
  const server = createServer((socket) => socket.on("data", () => socket.write(name)));
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  return { address: "127.0.0.1", port, [Symbol.dispose]: () => void server.close() };
}

async function ask(socket: Socket): Promise<string> {
  socket.write("who are you?");
  const [data] = await once(socket, "data");
  return String(data);
}

test("a connection stays with the pod that was picked when it was opened", async () => {
  using one = await startPod("one");
  using two = await startPod("two");
  let next = 0;
  await using serviceIp = await startServiceIp(
    () => [one, two],
    () => next,
  );
  const first = connect(serviceIp.port, "127.0.0.1");
  expect(await ask(first)).toBe("one");
  next = 0.5;
  const second = connect(serviceIp.port, "127.0.0.1");
  expect([await ask(first), await ask(second)]).toEqual(["one", "two"]);
});

test("without a ready pod a connection is closed", async () => {
  await using serviceIp = await startServiceIp(
    () => [],
    () => 0,
  );
  await once(connect(serviceIp.port, "127.0.0.1").resume(), "close");
});
