import { once } from "node:events";
import { readFileSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { Client, credentials, status } from "@grpc/grpc-js";
import { describe, expect, test } from "vitest";
import { CLUSTER } from "../snapshots/type-url.ts";
import { connectSotw } from "./harness/ads-client.ts";
import { type RunningCommand, runEvenkeel, startEvenkeel } from "./harness/command.ts";

const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
const MANIFESTS = "examples/manifests";
const PORTS = ["--xds", "127.0.0.1:0", "--admin", "127.0.0.1:0"];

interface Ready {
  readonly msg: string;
  readonly xds: string;
  readonly admin: string;
}

const serve = (...flags: readonly string[]): RunningCommand =>
  startEvenkeel(["serve", "--manifests", MANIFESTS, ...PORTS, ...flags]);

/** The next line of its log with that message. */
async function logged(server: RunningCommand, message: string): Promise<Readonly<Record<string, unknown>>> {
  for (;;) {
    const line = JSON.parse(await server.complaint(10_000)) as Readonly<Record<string, unknown>>;
    if (line.msg === message) return line;
  }
}

const ready = async (server: RunningCommand): Promise<Ready> => JSON.parse(await server.line(10_000)) as Ready;

/** What `grpc.health.v1` answers for the whole server. */
async function healthOf(target: string): Promise<string | undefined> {
  const client = new Client(target, credentials.createInsecure(), { "grpc.use_local_subchannel_pool": 1 });
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
  const bytes = (message: Buffer): Buffer => message;
  client.makeUnaryRequest("/grpc.health.v1.Health/Check", bytes, bytes, Buffer.alloc(0), (error, answer) => {
    if (error === null) resolve(answer?.at(1));
    else reject(error);
  });
  return ["UNKNOWN", "SERVING", "NOT_SERVING"][(await promise.finally(() => client.close())) ?? 0];
}

async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const folder = await mkdtemp(path.join(tmpdir(), "evenkeel-cli-"));
  return { path: folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

describe("the command line", () => {
  test("--version prints the version of the package", async () => {
    expect(await runEvenkeel(["--version"])).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" });
  });

  test("every command explains itself", async () => {
    const asked = [
      ["--help"],
      ...["serve", "bootstrap", "translate", "explain", "simulate", "demo"].map((name) => [name, "--help"]),
    ];
    const answers = await Promise.all(asked.map((args) => runEvenkeel(args)));
    expect(answers.map(({ code, stderr }) => [code, stderr])).toEqual(asked.map(() => [0, ""]));
    const text = answers.map(({ stdout }, i) => `$ evenkeel ${asked[i]?.join(" ")}\n${stdout}`).join("\n");
    await expect(text).toMatchFileSnapshot("testdata/help.txt");
  });

  test.each([
    [[], "Usage: evenkeel COMMAND"],
    [["serv"], 'unknown command "serv"; did you mean serve?'],
    [["constructor"], 'unknown command "constructor"'],
    [["serve", "--xds", "nowhere", "--gathr", "1s"], "unknown flag --gathr; did you mean --gather?"],
    [["bootstrap"], "--server must be given"],
    [["translate", "--kind", "go"], "PATH must be given"],
    [["explain", "greeter"], 'NAME must be service.namespace:port, not "greeter"'],
    [["explain", "a.b", "--admin", "localhost:1"], "--admin must be a URL such as http://127.0.0.1:18001"],
    [["explain", "a.b", "--admin", "http://localhost", "--manifests", "."], "exclude each other"],
    [["simulate", "--scale", "greeter"], '--scale must be NAMESPACE/NAME:ZONE=N, not "greeter"'],
    [["simulate", "--clients", "a", "-f"], '--clients must be ZONE=N,ZONE=N, not "a"'],
    [["demo", "--fast"], "unknown flag --fast"],
  ])("called as %j it exits with 2 and says what is wrong", async (args, complaint) => {
    const { code, stdout, stderr } = await runEvenkeel(args);
    expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: "", stderr: expect.stringContaining(complaint) });
  });

  test("bootstrap prints what a gRPC client reads, with an id of its own each time", async () => {
    const args = ["bootstrap", "--server", "localhost:18000", "--zone", "a"];
    const answers = await Promise.all([runEvenkeel(args), runEvenkeel(args)]);
    const [first, second] = answers.map(({ stdout }) => JSON.parse(stdout) as { node: { id: string } });
    expect(first).toMatchObject({ node: { locality: { zone: "a" } } });
    expect(first?.node.id).not.toBe(second?.node.id);
  });
});

describe("translate", () => {
  test("prints every resource of the examples as YAML or JSON", async () => {
    const [yaml, json] = await Promise.all([
      runEvenkeel(["translate", MANIFESTS]),
      runEvenkeel(["translate", MANIFESTS, "--output", "json"]),
    ]);
    expect([yaml.code, yaml.stderr, json.code, json.stderr]).toEqual([0, "", 0, ""]);
    const resources = JSON.parse(json.stdout) as { type: string; name: string }[];
    const four = ["listener", "route", "cluster", "assignment"];
    expect(resources.map(({ type, name }) => `${type} ${name}`)).toEqual(
      ["billing.default:9090", "greeter.default:8080"].flatMap((name) => four.map((type) => `${type} ${name}`)),
    );
    expect(yaml.stdout).toContain("clusterName: greeter.default:8080");
  });

  test("shows each zone and kind its own resources", async () => {
    const viewers = [[], ["--zone", "eu-a"], ["--node", "node-a"], ["--kind", "envoy"]];
    const answers = await Promise.all(viewers.map((flags) => runEvenkeel(["translate", MANIFESTS, ...flags])));
    const [unknown, ofZone, ofNode, envoy] = answers.map(({ stdout }) => stdout);
    expect(ofZone).toBe(ofNode);
    expect(new Set([unknown, ofZone, envoy]).size).toBe(3);
  });

  test("exits with 1 and says where, when something is wrong, and still prints the rest", async () => {
    await using folder = await temporaryFolder();
    await copyFile(`${MANIFESTS}/greeter.yaml`, path.join(folder.path, "a.yaml"));
    await writeFile(path.join(folder.path, "b.yaml"), "kind: Service\n  bad: indent\n");
    const { code, stdout, stderr } = await runEvenkeel(["translate", folder.path]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/^file b\.yaml:\d+:\d+: /) });
    expect(stdout).toContain("greeter.default:8080");
  });

  test("exits with 1 when there is nothing to read", async () => {
    expect(await runEvenkeel(["translate", "no-such-folder"])).toMatchObject({ code: 1, stdout: "" });
  });
});

describe("explain", () => {
  const offline = ["--manifests", MANIFESTS];

  test("prints who serves the clients of a zone, with a reason for each", async () => {
    const { code, stdout, stderr } = await runEvenkeel(["explain", "billing.default", "--zone", "eu-b", ...offline]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout.split("\n")).toEqual([
      "billing.default:9090 for grpc clients in zone eu/eu-b",
      "mode weighted, by default",
      "0% of their requests stay in their zone",
      "",
      "priority  zone     weight  share   endpoints  why",
      "0         eu/eu-a  3333    33.33%  1          own region, for what nearer zones cannot serve",
      "0         eu/eu-c  6667    66.67%  2          own region, for what nearer zones cannot serve",
      "",
      "zone     demand  capacity",
      "eu/eu-a  33.33%  33.33%",
      "eu/eu-c  66.67%  66.67%",
      "",
    ]);
  });

  test("says the same of a running server as of its manifests", async () => {
    await using server = serve();
    const { admin } = await ready(server);
    const asked = ["explain", "xds:///greeter.default.svc:grpc", "--node", "node-a", "--kind", "envoy"];
    const [running, read] = await Promise.all([
      runEvenkeel([...asked, "--admin", `http://${admin}`]),
      runEvenkeel([...asked, ...offline]),
    ]);
    expect(running).toEqual(read);
    expect(running.stdout).toContain("greeter.default:8080 for envoy clients in zone eu/eu-a, on node node-a\n");
  });

  test("says which files cannot be used, and explains by the others", async () => {
    await using folder = await temporaryFolder();
    await copyFile(`${MANIFESTS}/billing.yaml`, path.join(folder.path, "a.yaml"));
    await writeFile(path.join(folder.path, "b.yaml"), "kind: Service\n  bad: indent\n");
    const { code, stdout, stderr } = await runEvenkeel(["explain", "billing.default", "--manifests", folder.path]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringMatching(/^file b\.yaml:\d+:\d+: /) });
    expect(stdout).toContain("billing.default:9090 for grpc clients");
  });

  test.each([
    ["a name that nobody has", ["biling.default:9", ...offline], "Service biling\nnearest: billing.default:9090\n"],
    ["no server", ["greeter.default", "--admin", "http://127.0.0.1:2"], "does not answer at http://127.0.0.1:2: "],
    ["nothing to read", ["greeter.default", "--manifests", "no-such-folder"], "no-such-folder: "],
  ])("exits with 1 for %s", async (_, args, why) => {
    const { code, stdout, stderr } = await runEvenkeel(["explain", ...args]);
    expect({ code, stdout, stderr }).toEqual({ code: 1, stdout: "", stderr: expect.stringContaining(why) });
  });
});

describe("simulate", () => {
  const offline = ["--manifests", MANIFESTS];
  const loss = ["simulate", "--zone-gone", "eu-c", "--service", "default/greeter"];

  test("prints from zone to zone what would be beside what is", async () => {
    const { code, stdout, stderr } = await runEvenkeel([...loss, "--clients", "eu-a=50,eu/eu-b=20", ...offline]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout.split("\n")).toEqual([
      "1 of 1 Service port would change",
      "whom it is sent to cannot be told: nobody is connected to manifests",
      "1 other Service would be touched, and not looked at here",
      "",
      "greeter.default:8080: mode weighted, by default",
      "",
      "                                 before  after",
      "endpoints                        9       7",
      "load of one, where 100% is even  100%    100%",
      "leaves its zone                  0%      12.5%",
      "leaves its region                0%      0%",
      "",
      "endpoints in  how many  load of one",
      "eu/eu-a       4         100%",
      "eu/eu-b       3         100%",
      "eu/eu-c       2 → -     100% → -",
      "",
      "clients in  ask              of eu/eu-a     of eu/eu-b  of eu/eu-c",
      "eu/eu-a     44.44% → 69.64%  100% → 82.05%  - → 17.95%  -",
      "eu/eu-b     33.33% → 30.36%  -              100%        -",
      "eu/eu-c     22.22% → -       -              -           100% → -",
      "",
    ]);
  });

  test("answers of a running server what it answers of its manifests, and counts its clients", async () => {
    await using server = serve();
    const { xds, admin } = await ready(server);
    const asked = [...loss, "--json"];
    const [running, read] = await Promise.all([
      runEvenkeel([...asked, "--admin", `http://${admin}`]),
      runEvenkeel([...asked, ...offline]),
    ]);
    expect(JSON.parse(running.stdout)).toEqual(JSON.parse(read.stdout));
    using client = connectSotw(xds);
    client.ask(CLUSTER, { names: ["greeter.default:8080"] });
    await client.next();
    const { stdout } = await runEvenkeel([...loss, "--admin", `http://${admin}`]);
    expect(stdout).toContain("0 of 1 stream would be sent something\n");
  });

  test("reads a file of objects and of what else is imagined", async () => {
    await using folder = await temporaryFolder();
    const file = path.join(folder.path, "overlay.yaml");
    const greeter = await readFile(`${MANIFESTS}/greeter.yaml`, "utf8");
    const spread = greeter.replace(
      "name: greeter\n",
      'name: greeter\n  annotations: {evenkeel.dev/zone-mode: "spread"}\n',
    );
    await writeFile(file, `scale: [{service: default/greeter, zone: eu-c, to: 4}]\n---\n${spread}`);
    const { code, stdout, stderr } = await runEvenkeel(["simulate", "-f", file, ...offline]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("mode weighted, by default → mode spread, by annotation evenkeel.dev/zone-mode");
    expect(stdout).toContain("endpoints                        9       11\n");
  });

  test.each([
    [
      "a zone that is not there",
      ["--zone-gone", "eu-x", ...offline],
      'zone "eu-x"\nallowed: eu/eu-a, eu/eu-b, eu/eu-c\n',
    ],
    ["no server", ["--admin", "http://127.0.0.1:2"], "does not answer at http://127.0.0.1:2: "],
    ["nothing to read", ["--manifests", "no-such-folder"], "no-such-folder: "],
    ["no such file", ["-f", "no-such-file", ...offline], "no-such-file"],
  ])("exits with 1 for %s", async (_, args, why) => {
    const { code, stdout, stderr } = await runEvenkeel(["simulate", ...args]);
    expect({ code, stdout, stderr }).toEqual({ code: 1, stdout: "", stderr: expect.stringContaining(why) });
  });
});

describe("serve", () => {
  test("prints both real addresses when it answers, and ends with 0 on SIGTERM", async () => {
    await using server = serve("--drain-delay", "0s");
    const { msg, xds, admin } = await ready(server);
    expect(msg).toBe("ready");
    const { status: readiness } = await fetch(`http://${admin}/readyz`);
    expect(readiness).toBe(200);
    using client = connectSotw(xds);
    client.ask(CLUSTER, { names: ["greeter.default:8080"] });
    expect((await client.next()).resources).toHaveLength(1);
    server.kill("SIGTERM");
    expect((await server.result).code).toBe(0);
  });

  test("E13: it is not ready first, goes on serving for the delay, then ends its streams and itself", async () => {
    await using server = serve("--drain-delay", "1s", "--drain-grace", "5s");
    const { xds, admin } = await ready(server);
    expect(await healthOf(xds)).toBe("SERVING");
    using client = connectSotw(xds);
    client.ask(CLUSTER, { names: ["greeter.default:8080"] });
    await client.next();
    server.kill("SIGTERM");
    const signalled = performance.now();
    await expect.poll(() => fetch(`http://${admin}/readyz`).then((answer) => answer.status)).toBe(503);
    expect(await healthOf(xds)).toBe("NOT_SERVING");
    client.ask(CLUSTER, { names: ["billing.default:9090"] });
    expect((await client.next()).resources).toHaveLength(1);
    expect((await client.ended)?.code).toBe(status.UNAVAILABLE);
    expect(performance.now() - signalled).toBeGreaterThan(900);
    expect((await server.result).code).toBe(0);
    expect(performance.now() - signalled).toBeLessThan(6500);
  });

  test("a second signal ends it at once", async () => {
    await using server = serve("--drain-delay", "1m");
    await ready(server);
    server.kill("SIGTERM");
    await logged(server, "draining");
    server.kill("SIGTERM");
    expect((await server.result).code).toBe(1);
  });

  test("with nothing to read it waits, says so, and can be stopped", async () => {
    await using server = startEvenkeel(["serve", "--manifests", "no-such-folder", ...PORTS]);
    const { admin } = await logged(server, "reading");
    await expect.poll(() => fetch(`http://${admin}/readyz`).then((answer) => answer.status)).toBe(503);
    const verbose = await fetch(`http://${admin}/readyz?verbose`).then((answer) => answer.text());
    expect(verbose).toContain("no such file or directory");
    server.kill("SIGINT");
    expect(await server.result).toMatchObject({ code: 0, stdout: "" });
  });

  test.each(["--xds", "--admin"])("a port that is taken for %s ends it with 1 and the reason", async (flag) => {
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const { port } = taken.address() as { port: number };
    const others = PORTS.filter((_, i) => PORTS[i - (i % 2)] !== flag);
    const args = ["serve", "--manifests", MANIFESTS, ...others, flag, `127.0.0.1:${port}`];
    const { code, stdout, stderr } = await runEvenkeel(args);
    taken.close();
    expect({ code, stdout, stderr }).toEqual({ code: 1, stdout: "", stderr: expect.stringContaining("EADDRINUSE") });
  });
});

describe("an old Node", () => {
  /** Makes a process believe that it runs on an old Node, but not the processes that it starts. */
  const pretend = `delete process.env.NODE_OPTIONS;
    Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.19.0" } });
    process.execPath = "/usr/bin/old-node";`;
  const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(pretend)}` };

  test("is told what is needed, with exit code 2", async () => {
    await using folder = await temporaryFolder();
    await mkdir(path.join(folder.path, "cli"));
    const program = path.join(folder.path, "cli", "evenkeel.mjs");
    await copyFile("cli/evenkeel.mjs", program);
    expect(await runEvenkeel(["--version"], { env, program })).toEqual({
      code: 2,
      stdout: "",
      stderr: expect.stringMatching(/^evenkeel needs Node 24 or newer; this is /),
    });
  });

  test("in a checkout hands over to the Node that came with it", async () => {
    expect(await runEvenkeel(["--version"], { env })).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" });
  });
});
