import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type Server as TcpServer } from "node:net";
import { Client, credentials, InterceptingCall, type Interceptor, ServerCredentials, status } from "@grpc/grpc-js";
import { describe, expect, test } from "vitest";
import { getState, register } from "../../client/register.ts";
import { ASSIGNMENT } from "../../snapshots/type-url.ts";
import { type Backend, startBackend, startBackends } from "../harness/backends.ts";
import { makeCertificates } from "../harness/certificates.ts";
import { startControlPlane } from "../harness/control-plane.ts";
import { dial, TARGET } from "../harness/evenkeel-client.ts";
import { manifest, nodes, type Pod, service } from "../harness/objects.ts";
import { assignmentOf, resourcesOf, startXdsServer } from "../harness/xds-server.ts";
import { at, inA, NAME, startRaw, until } from "./evenkeel-tools.ts";

const podOf = ({ address, port }: Backend): Pod => ({ address, port, zone: "a" });
const greeter = (...pods: readonly Pod[]): string =>
  manifest(...nodes("r", "a"), ...service({ name: "greeter", pods }));
/** Events of one kind from now on. */
function listen(kind: string) {
  const events: unknown[] = [];
  const on = (event: unknown): void => {
    events.push(event);
  };
  subscribe(`evenkeel:${kind}`, on);
  return { events, [Symbol.dispose]: () => unsubscribe(`evenkeel:${kind}`, on) };
}

async function listening(): Promise<{ readonly server: TcpServer; readonly port: number }> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return { server, port: typeof address === "object" && address !== null ? address.port : 0 };
}

/** One that nobody listens on. */
async function freePort(): Promise<number> {
  const { server, port } = await listening();
  server.close();
  await once(server, "close");
  return port;
}

describe("a channel", () => {
  test("shows the version of its assignment, every pod and what it did", async () => {
    await using pod = await startBackend("one", "127.0.1.1");
    await using plane = await startControlPlane({ manifests: greeter(podOf(pod)) });
    using channel = dial({ servers: [plane.xds] });
    expect(await channel.ask()).toBe("one");
    const [state] = getState(channel.client.getChannel());
    expect(state).toMatchObject({ target: TARGET, servers: [plane.xds], strategy: "p2c", missing: [] });
    const [cluster] = state?.clusters ?? [];
    expect(cluster).toMatchObject({
      name: NAME,
      priority: 0,
      assignmentVersion: expect.stringMatching(/^[0-9a-f]{16}$/),
    });
    expect(cluster?.priorities[0]?.[0]?.pods).toMatchObject([
      { address: at(pod), state: "ready", inFlight: 0, picks: 1, failures: 0, weight: 1 },
    ]);
  });

  test("shares one stream with all others of the process, which ends with the last of them", async () => {
    await using pod = await startBackend("one", "127.0.1.1");
    await using plane = await startControlPlane({ manifests: greeter(podOf(pod)) });
    const first = dial({ servers: [plane.xds] });
    const second = new Client(TARGET, credentials.createInsecure());
    await first.ask();
    second.getChannel().getConnectivityState(true);
    await until(() => getState(TARGET).length === 2);
    expect(plane.streams()).toBe(1);
    second.close();
    expect(await first.ask()).toBe("one");
    first.client.close();
    await until(() => plane.streams() === 0);
    expect(getState(TARGET)).toEqual([]);
  });

  test("connects to no more pods than maxConnections", async () => {
    const addresses = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`p${i}`, `127.0.2.${i + 1}`]));
    const backends = await startBackends(addresses);
    await using ends = new AsyncDisposableStack();
    for (const backend of backends.values()) ends.use(backend);
    await using plane = await startControlPlane({ manifests: greeter(...[...backends.values()].map(podOf)) });
    using channel = dial({ servers: [plane.xds], maxConnections: 3 });
    const names = new Set<string>();
    for (let i = 0; i < 40; i += 1) names.add(await channel.ask());
    const [locality] = getState(TARGET)[0]?.clusters[0]?.priorities[0] ?? [];
    expect([locality?.assigned, locality?.pods.length]).toEqual([8, 3]);
    expect(names.size).toBeLessThanOrEqual(3);
  });

  test("takes interceptors, and the retries of a service config", async () => {
    let tries = 0;
    using flaky = await startRaw((reply) => {
      tries += 1;
      if (tries < 3) reply({ code: status.ABORTED, details: "again" }, "");
      else reply(null, "third");
    });
    await using xds = await startXdsServer(resourcesOf(NAME, inA(at(flaky))));
    const backOff = { initialBackoff: "0.01s", maxBackoff: "0.1s", backoffMultiplier: 1 };
    const retryPolicy = { maxAttempts: 4, ...backOff, retryableStatusCodes: ["ABORTED"] };
    const config = JSON.stringify({ methodConfig: [{ name: [{ service: "greeter.Greeter" }], retryPolicy }] });
    using channel = dial({ servers: [xds.address], channel: { "grpc.service_config": config } });
    let intercepted = 0;
    const interceptor: Interceptor = (options, next) => {
      intercepted += 1;
      return new InterceptingCall(next(options));
    };
    expect(await channel.ask({ interceptors: [interceptor] })).toBe("third");
    expect([tries, intercepted]).toEqual([3, 1]);
  });

  test("uses the second priority while the first cannot be connected, and then the first again", async () => {
    await using second = await startBackend("second", "127.0.1.1");
    const port = await freePort();
    const places = [...inA(`127.0.0.1:${port}`), { zone: "b", priority: 1, pods: [at(second)] }];
    await using xds = await startXdsServer(resourcesOf(NAME, places));
    using channel = dial({ servers: [xds.address] });
    expect(await channel.ask()).toBe("second");
    using _first = await startRaw((reply) => reply(null, "first"), port);
    await until(() => getState(TARGET)[0]?.clusters[0]?.priority === 0);
    expect(await channel.ask()).toBe("first");
  });

  test("asks the second server while the first cannot be reached, and then the first again", async () => {
    await using pod = await startBackend("one", "127.0.1.1");
    const port = await freePort();
    await using second = await startControlPlane({ manifests: greeter(podOf(pod)) });
    using channel = dial({ servers: [`127.0.0.1:${port}`, second.xds] });
    expect(await channel.ask({ deadlineMs: 10_000 })).toBe("one");
    await using first = await startControlPlane({ manifests: greeter(podOf(pod)), xds: `127.0.0.1:${port}` });
    await until(() => first.streams() === 1 && second.streams() === 0);
    expect(await channel.ask()).toBe("one");
  });

  test("reports loads by locality where it is told to", async () => {
    await using pod = await startBackend("one", "127.0.1.1");
    await using xds = await startXdsServer(resourcesOf(NAME, inA(at(pod))));
    using channel = dial({ servers: [xds.address], loadReports: true });
    for (let i = 0; i < 5; i += 1) await channel.ask();
    await until(() => xds.loads.some(({ clusterStats }) => clusterStats.length > 0));
    expect(xds.loads[0]?.node?.id).toBe("test");
    const reported = xds.loads.flatMap(({ clusterStats }) => clusterStats);
    expect(reported).toMatchObject([
      {
        clusterName: NAME,
        upstreamLocalityStats: [
          {
            locality: { region: "r", zone: "a" },
            totalIssuedRequests: 5,
            totalSuccessfulRequests: 5,
            totalErrorRequests: 0,
          },
        ],
      },
    ]);
  });

  test("reaches a server that asks for TLS and for a certificate, as the bootstrap says", async () => {
    await using certificates = await makeCertificates();
    const { ca, server, client } = certificates;
    await using pod = await startBackend("one", "127.0.1.1");
    const pair = { cert_chain: readFileSync(server.certificate), private_key: readFileSync(server.key) };
    const asking = ServerCredentials.createSsl(readFileSync(ca), [pair], true);
    await using xds = await startXdsServer(resourcesOf(NAME, inA(at(pod))), { credentials: asking });
    const creds = (config: object) => ({ channel_creds: [{ type: "tls", config }] });
    const mutual = { ca_certificate_file: ca, certificate_file: client.certificate, private_key_file: client.key };
    using known = dial({ servers: [xds.address], server: creds(mutual) });
    expect(await known.ask()).toBe("one");
    using unknown = dial({ servers: [xds.address], server: creds({ ca_certificate_file: ca }) });
    await expect(unknown.ask()).rejects.toThrow("no xDS server can be reached");
    using distrustful = dial({ servers: [xds.address], server: creds({}) });
    await expect(distrustful.ask()).rejects.toThrow("certificate");
  });
});

describe("with bad input, the user is told", () => {
  test("of a server that cannot be reached, which, and why", async () => {
    const port = await freePort();
    using trouble = listen("trouble");
    using channel = dial({ servers: [`127.0.0.1:${port}`] });
    await expect(channel.ask()).rejects.toMatchObject({
      code: status.UNAVAILABLE,
      details: expect.stringMatching(`^no xDS server can be reached: 127.0.0.1:${port}: .*ECONNREFUSED`),
    });
    expect(trouble.events[0]).toMatchObject({ server: `127.0.0.1:${port}` });
    expect(getState(TARGET)[0]?.trouble).toContain("ECONNREFUSED");
  });

  test("of a name that nobody serves after a second, and by failing requests when it counts as one that does not exist", async () => {
    await using plane = await startControlPlane({ manifests: manifest(...nodes("r", "a")) });
    using missing = listen("missing");
    using channel = dial({ servers: [plane.xds], doesNotExistMs: 2500 });
    const refused = expect(channel.ask()).rejects.toMatchObject({
      code: status.UNAVAILABLE,
      details: `listener "${NAME}" does not exist, says ${plane.xds}`,
    });
    await until(() => missing.events.length > 0, 2000);
    expect(missing.events).toEqual([{ type: "listener", name: NAME, server: plane.xds, afterMs: 1000 }]);
    await until(() => getState(TARGET)[0]?.missing[0] === `listener ${NAME}`);
    await refused;
  });

  test.each([
    ["an address twice", inA("127.0.0.1:9", "127.0.0.1:9"), "127.0.0.1:9 is listed twice"],
    ["a name for an address", inA("localhost:9"), '"localhost" is not an IP address'],
    ["a port out of range", inA("127.0.0.1:0"), "127.0.0.1 has port 0, which is not from 1 to 65535"],
    ["a gap in priorities", [{ zone: "a", priority: 1, pods: ["127.0.0.1:9"] }], "priority 0 is missing"],
    [
      "a locality twice",
      [...inA("127.0.0.1:9"), ...inA("127.0.0.1:8")],
      'locality "r/a" is listed twice in priority 0',
    ],
  ])("of an assignment with %s, and the former stays in use", async (_, places, problem) => {
    await using pod = await startBackend("one", "127.0.1.1");
    const sound = resourcesOf(NAME, inA(at(pod)));
    await using xds = await startXdsServer(sound);
    using refused = listen("refused");
    using channel = dial({ servers: [xds.address] });
    expect(await channel.ask()).toBe("one");
    xds.serve({ ...sound, [ASSIGNMENT]: assignmentOf(NAME, places) });
    await until(() => xds.requests.at(-1)?.errorDetail !== undefined);
    expect(refused.events[0]).toMatchObject({
      type: "assignment",
      problems: { [NAME]: expect.stringContaining(problem) },
    });
    expect(xds.requests.at(-1)?.errorDetail?.message).toContain(problem);
    expect(getState(TARGET)[0]?.clusters[0]?.problem).toContain(problem);
    expect(await channel.ask()).toBe("one");
  });

  test("of a first assignment that is bad, by the error of each request", async () => {
    await using xds = await startXdsServer(resourcesOf(NAME, inA("localhost:9")));
    using channel = dial({ servers: [xds.address] });
    await expect(channel.ask()).rejects.toMatchObject({
      details: `assignment "${NAME}" is invalid: "localhost" is not an IP address`,
    });
  });

  test("and a server that insists on what was refused does not keep requests from being answered", async () => {
    await using pod = await startBackend("one", "127.0.1.1");
    const sound = resourcesOf(NAME, inA(at(pod)));
    await using xds = await startXdsServer(sound, { insists: true });
    using channel = dial({ servers: [xds.address] });
    expect(await channel.ask()).toBe("one");
    xds.serve({ ...sound, [ASSIGNMENT]: Buffer.from("not a message") });
    await until(() => xds.requests.length > 30);
    expect(await channel.ask()).toBe("one");
  });

  test("of pods that refuse connections, which, and why; and of an assignment without pods", async () => {
    const port = await freePort();
    const sound = resourcesOf(NAME, inA(`127.0.0.1:${port}`));
    await using xds = await startXdsServer(sound);
    using channel = dial({ servers: [xds.address] });
    await expect(channel.ask()).rejects.toMatchObject({
      code: status.UNAVAILABLE,
      details: expect.stringMatching(`no pod can be connected, among them 127.0.0.1:${port}: .*ECONNREFUSED`),
    });
    xds.serve({ ...sound, [ASSIGNMENT]: assignmentOf(NAME, []) });
    await until(() => getState(TARGET)[0]?.clusters[0]?.priorities.length === 0);
    await expect(channel.ask()).rejects.toMatchObject({ details: "the assignment has no pods" });
  });

  test("and a pod that accepts connections and never answers takes no requests from the others", async () => {
    const { server: silent, port } = await listening();
    await using pod = await startBackend("one", "127.0.1.1");
    await using xds = await startXdsServer(resourcesOf(NAME, inA(`127.0.0.1:${port}`, at(pod))));
    using channel = dial({ servers: [xds.address] });
    for (let i = 0; i < 20; i += 1) expect(await channel.ask({ deadlineMs: 2000 })).toBe("one");
    silent.close();
  });

  test.each([
    [{ strategy: "p3c" }, 'strategy must be "p2c", "round_robin", "random", "orca", { leastRequest: 2 to 10 }'],
    [{ strategy: { leastRequest: 1 } }, "strategy.leastRequest must be an integer from 2 to 10, not 1"],
    [{ maxConnections: 0 }, "maxConnections must be an integer from 1 to 1000000, not 0"],
    [{ clientIndex: -1 }, "clientIndex must be an integer from 0"],
    [{ slowStart: { windowMs: "10s" } }, 'slowStart.windowMs must be an integer from 1 to 86400000, not "10s"'],
    [{ errorBias: 3 }, "errorBias must be true, false or { halfLifeMs }, not 3"],
    [{ maxConnection: 3 }, 'there is no option "maxConnection"; there are strategy'],
    [{ doesNotExistMs: 0 }, "doesNotExistMs must be an integer from 1"],
    [{ xds: 1 }, "xds must be true or false"],
  ])("of the wrong option %j at once, with what is allowed", (options, message) => {
    expect(() => register(options as never)).toThrow(message);
  });
});
