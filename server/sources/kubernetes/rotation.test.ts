import { copyFile, readFile, writeFile } from "node:fs/promises";
import { type AddressInfo, connect, type Socket } from "node:net";
import path from "node:path";
import { createServer } from "node:tls";
import { expect, test } from "vitest";
import { makeCertificates } from "../../../e2e/harness/certificates.ts";
import { systemClock } from "../../clock.ts";
import { reading, service, services } from "./fixtures.ts";
import { inCluster } from "./in-cluster.ts";
import type { Asked } from "./scripted-storage.ts";

const identityIn = async ({ server }: Awaited<ReturnType<typeof makeCertificates>>) => ({
  cert: await readFile(server.certificate),
  key: await readFile(server.key),
});

/** The API server behind TLS, whose certificate can be replaced; that ends all connections, as its restart would. */
async function startTls(onwardPort: number, identity: { readonly cert: Buffer; readonly key: Buffer }) {
  const open = new Set<Socket>();
  const server = createServer(identity, (socket) => {
    const onward = connect(onwardPort, "127.0.0.1");
    open.add(socket.on("close", () => open.delete(socket)));
    socket.on("error", () => {}).on("close", () => onward.destroy());
    onward.on("error", () => {}).on("close", () => socket.destroy());
    socket.pipe(onward).pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const cut = (): void => {
    for (const socket of open) socket.destroy();
  };
  return {
    port: String((server.address() as AddressInfo).port),
    replace: (next: typeof identity): void => {
      server.setSecureContext(next);
      cut();
    },
    [Symbol.asyncDispose]: async () => {
      server.close();
      cut();
    },
  };
}

test("L9: a new certificate authority and a new token are used as soon as the old ones are refused, and nothing is lost", async () => {
  await using before = await makeCertificates();
  await using after = await makeCertificates();
  const files = { ca: before.ca, token: path.join(path.dirname(before.ca), "token") };
  await writeFile(files.token, "one");
  let accepted = "Bearer one";
  const onlyAccepted = ({ authorization }: Asked) =>
    authorization === accepted ? undefined : { status: 401, body: "{}" };
  await using parts = new AsyncDisposableStack();
  let tls: Awaited<ReturnType<typeof startTls>> | undefined;
  await using world = await reading(
    (api) => {
      api.put(service("old"));
      api.behaviour.fault = onlyAccepted;
    },
    async (api) => {
      tls = parts.use(await startTls(Number(new URL(api.url).port), await identityIn(before)));
      return { access: inCluster({ host: "127.0.0.1", port: tls.port, files, clock: systemClock }) };
    },
  );
  await world.ready();
  accepted = "Bearer two";
  await writeFile(files.token, "two");
  await copyFile(after.ca, files.ca);
  tls?.replace(await identityIn(after));
  world.api.put(service("new"));
  await world.until((store) => services(store).length === 2);
  expect(world.api.requests.at(-1)?.authorization).toBe("Bearer two");
}, 60_000);
