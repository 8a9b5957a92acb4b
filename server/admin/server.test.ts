import { request } from "node:http";
import { connect } from "node:net";
import { duplexPair } from "node:stream";
import { text } from "node:stream/consumers";
import type { FastifyInstance } from "fastify";
import { Compile } from "typebox/compile";
import { afterAll, describe, expect, test } from "vitest";
import { CLIENT_KINDS } from "../../snapshots/resources/client-kind.ts";
import type { Log } from "../log.ts";
import { admin, inSync, member, published, starting, status, waiting } from "./fixtures.ts";
import { startAdmin } from "./server.ts";

const refused = { ...inSync, refused: { message: "bad weight", version: "v1", at: 0 } };
const members = [member("s1"), member("s2", [refused, waiting])];

/** For tests that only ask. */
const server = await admin({ members });
afterAll(() => server.app.close());

const ANY = { host: "0.0.0.0", port: 0 };

const PATHS = {
  "/healthz": "/healthz",
  "/readyz": "/readyz?verbose",
  "/metrics": "/metrics",
  "/openapi.json": "/openapi.json",
  "/v1": "/v1",
  "/v1/services": "/v1/services",
  "/v1/services/{namespace}/{name}": "/v1/services/default/greeter",
  "/v1/services/{namespace}/{name}/resolve": "/v1/services/default/greeter/resolve?zone=a",
  "/v1/changes": "/v1/changes",
  "/v1/clients": "/v1/clients",
  "/v1/clients/{id}": "/v1/clients/s2",
  "/v1/snapshot": "/v1/snapshot?zone=a",
  "/v1/problems": "/v1/problems",
  "/v1/subscriptions/missing": "/v1/subscriptions/missing",
};
const routes = Object.entries(PATHS);
const ASKED_WITH_A_BODY = ["/v1/simulate"];
const all = new Set([...Object.keys(PATHS), ...ASKED_WITH_A_BODY]);
const needSnapshot = [
  "services",
  "services/default/greeter",
  "services/default/greeter/resolve",
  "snapshot",
  "problems",
  "subscriptions/missing",
];

test("the index has every route, with a line each", async () => {
  const { routes: listed, version } = (await server.get("/v1")).json();
  expect(version).toBe("1.2.3");
  expect(new Set(listed.map(({ path }: { path: string }) => path))).toEqual(all);
  expect(listed.filter(({ summary }: { summary: string }) => summary.length < 8)).toEqual([]);
});

describe("the OpenAPI document", () => {
  test("is of version 3.1 and has every route", async () => {
    const document = (await server.get("/openapi.json")).json();
    expect(document.openapi).toBe("3.1.0");
    expect(document.info).toEqual({ title: "evenkeel admin API", version: "1.2.3" });
    expect(new Set(Object.keys(document.paths))).toEqual(all);
  });

  test.each(routes)("describes what %s answers", async (path, url) => {
    const { get } = (await server.get("/openapi.json")).json().paths[path];
    const answer = await server.get(url);
    const [type = ""] = String(answer.headers["content-type"]).split(";");
    const { schema } = get.responses["200"].content[type];
    expect(answer.status).toBe(200);
    expect([...Compile(schema).Errors(type === "text/plain" ? answer.text : answer.json())]).toEqual([]);
    expect(Object.keys(get.responses)).toEqual(expect.arrayContaining(["200", "4XX", "5XX"]));
  });

  test("names every parameter of a path", async () => {
    const { paths } = (await server.get("/openapi.json")).json();
    const parametersOf = (path: string): unknown[] =>
      paths[path].get.parameters
        .filter((one: { in: string }) => one.in === "path")
        .map((one: { name: string }) => one.name);
    expect(parametersOf("/v1/services/{namespace}/{name}")).toEqual(["namespace", "name"]);
    expect(parametersOf("/v1/clients/{id}")).toEqual(["id"]);
  });
});

describe("a question that is not understood", () => {
  test.each(routes)("%s refuses an unknown parameter and says which are known", async (_, url) => {
    const answer = await server.get(`${url}${url.includes("?") ? "&" : "?"}nmespace=x`);
    const { code, message, allowed } = answer.json().error;
    expect([answer.status, code]).toEqual([400, "unknown-parameter"]);
    expect(message).toContain('"nmespace"');
    expect(allowed).toBeInstanceOf(Array);
  });

  test.each([
    ["/v1/services?limit=0", "limit must be >= 1, and is 0"],
    ["/v1/services?limit=1001", "limit must be <= 1000, and is 1001"],
    ["/v1/services?limit=many", 'limit must be integer, and is "many"'],
    ["/v1/services?limit=1.5", 'limit must be integer, and is "1.5"'],
    ["/v1/services?namespace=a&namespace=b", 'namespace must be string, and is ["a","b"]'],
    ["/v1/subscriptions/missing?limit=101", "limit must be <= 100, and is 101"],
    ["/v1/snapshot?region=eu", "region is only of use together with zone"],
  ])("%s gets 400 with the reason", async (url, message) => {
    const answer = await server.get(url);
    expect([answer.status, answer.json()]).toEqual([400, { error: { code: "bad-value", message } }]);
  });

  test.each([
    ["/v1/clients?state=lost", ["in-sync", "stale", "refused", "waiting"]],
    ["/v1/clients?kind=java", [...CLIENT_KINDS.keys()]],
    ["/v1/snapshot?type=secret", ["listener", "route", "cluster", "assignment"]],
    ["/readyz?verbose=maybe", ["", "true", "false"]],
  ])("%s gets 400 with what is allowed", async (url, allowed) => {
    const answer = await server.get(url);
    expect([answer.status, answer.json().error.allowed]).toEqual([400, allowed]);
  });

  test.each(["/", "/v2", "/v1/service", "/v1/clients/a/b"])("%s gets 404 with where to look", async (url) => {
    const answer = await server.get(url);
    const message = `there is no ${url}; GET /v1 lists what there is`;
    expect([answer.status, answer.json().error]).toEqual([404, { code: "no-such-route", message }]);
  });

  test("a URL that cannot be decoded gets 400", async () => {
    const answer = await server.get("/v1/clients/%zz?pretty");
    expect([answer.status, answer.json().error.code]).toEqual([400, "bad-url"]);
  });
});

test.each(needSnapshot)("before the first snapshot /v1/%s gets 503 with what is waited for", async (path) => {
  await using own = await admin({ published: undefined, options: { status: () => starting } });
  const answer = await own.get(`/v1/${path}`);
  const message = "nothing is served yet: waiting for EndpointSlice of manifests; see /readyz?verbose";
  expect([answer.status, answer.json()]).toEqual([503, { error: { code: "not-ready", message } }]);
});

test("a bug while answering is logged and gets 500 without its words", async () => {
  const lines: unknown[] = [];
  const log: Log = {
    debug: () => {},
    info: () => {},
    warn: () => {},
    error: (_, fields) => lines.push(fields?.error),
  };
  const broken = () => {
    throw new Error("the cause");
  };
  await using own = await admin({ options: { status: broken, log } });
  const answer = await own.get("/readyz");
  expect([answer.status, answer.json().error.code]).toEqual([500, "internal"]);
  expect(answer.text).not.toContain("the cause");
  expect(lines).toEqual(["Error: the cause"]);
});

test("?pretty indents answers and errors and changes nothing else", async () => {
  const plain = await server.get("/v1/services");
  const pretty = await server.get("/v1/services?pretty");
  const error = await server.get("/v1/services?limit=0&pretty=true");
  expect(pretty.text).toBe(`${JSON.stringify(plain.json(), undefined, 2)}\n`);
  expect(error.text.split("\n").length).toBeGreaterThan(3);
  expect((await server.get("/v1/services?pretty=false")).text).toBe(plain.text);
});

test("answers are kept by no cache and guessed at by no browser", async () => {
  const { headers } = await server.get("/v1");
  expect([headers["cache-control"], headers["x-content-type-options"]]).toEqual(["no-store", "nosniff"]);
});

describe("metrics", () => {
  test("E27: the answer has every metric of the server", async () => {
    const { text } = await server.get("/metrics");
    const names = server.options.metrics.registry.getMetricsAsArray().map(({ name }) => name);
    expect(names.length).toBeGreaterThan(10);
    expect(names.filter((name) => !text.includes(`# TYPE ${name} `))).toEqual([]);
  });

  test("E7: no label of any metric holds the id of a node or a stream", async () => {
    const { text } = await server.get("/metrics");
    const held = ["s1", "s2", "node of", "127.0.0.1", "greeter", "nobody"].filter((id) => text.includes(`"${id}`));
    expect(held).toEqual([]);
  });

  test("E23: names that nobody has are counted by type", async () => {
    const { text } = await server.get("/metrics");
    expect(text).toContain('evenkeel_unresolved_subscriptions{type="listener"} 1');
    expect(text).toContain('evenkeel_unresolved_subscriptions{type="assignment"} 0');
  });

  test("problems are counted by code, and those that are gone are counted no more", async () => {
    server.options.metrics.problems.set({ code: "healed" }, 3);
    const { text } = await server.get("/metrics");
    const lines = text.split("\n").filter((line) => line.startsWith("evenkeel_problems{"));
    expect(lines).toEqual(['evenkeel_problems{code="bad-annotation"} 1', 'evenkeel_problems{code="bad-yaml"} 1']);
  });

  test("metrics are there before the first snapshot", async () => {
    await using own = await admin({ published: undefined });
    expect((await own.get("/metrics")).status).toBe(200);
  });
});

describe("requests that are not looked at", () => {
  test("another host name is refused on a loopback address", async () => {
    const answer = await server.get("/v1/clients", { host: "evil.example:18001" });
    expect([answer.status, answer.json().error.code]).toEqual([403, "host-not-allowed"]);
  });

  test("any host name is accepted where others may connect", async () => {
    await using own = await admin({ options: { listen: ANY } });
    expect((await own.get("/readyz?verbose", { host: "evenkeel.evenkeel-system.svc" })).status).toBe(200);
  });

  test.each(["POST", "PUT", "DELETE", "OPTIONS"] as const)(
    "%s gets 405, also where there is no route",
    async (method) => {
      const answers = await Promise.all(["/v1", "/nowhere"].map((url) => server.app.inject({ method, url })));
      expect(answers.map(({ statusCode }) => statusCode)).toEqual([405, 405]);
    },
  );

  test("a body gets 400, and the connection is closed", async () => {
    const answer = await server.app.inject({ method: "GET", url: "/v1", payload: { a: 1 } });
    expect([answer.statusCode, answer.json().error.code]).toEqual([400, "body-not-accepted"]);
    expect(answer.headers.connection).toBe("close");
  });

  test.each(ASKED_WITH_A_BODY)("GET %s gets 405 with how to ask", async (path) => {
    const answer = await server.get(path);
    expect([answer.status, answer.json().error.allowed]).toEqual([405, ["POST"]]);
  });

  test("a URL of more than 4,096 characters gets 414", async () => {
    expect((await server.get(`/v1?pretty=${"x".repeat(5000)}`)).status).toBe(414);
  });
});

/** The status of GET on a connection whose own end has that address, whatever network this machine has. */
async function askedOn(localAddress: string, { server: http }: FastifyInstance, path: string): Promise<number> {
  const [client, end] = duplexPair();
  http.emit("connection", Object.assign(end, { localAddress, setNoDelay: () => end, setKeepAlive: () => end }));
  client.write(`GET ${path} HTTP/1.1\r\nHost: 10.0.0.9\r\nConnection: close\r\n\r\n`);
  const [, status] = /^HTTP\/1\.1 (\d+) /.exec(await text(client)) ?? [];
  return Number(status);
}

describe("listening on every address", async () => {
  const own = await admin({ members, options: { listen: ANY } });
  afterAll(() => own.app.close());

  test.each(["/healthz", "/readyz?verbose", "/metrics"])("%s is answered on the address of the pod", async (path) => {
    expect(await askedOn("10.0.0.9", own.app, path)).toBe(200);
  });

  test.each(["/v1", "/v1/clients", "/openapi.json", "/", "/healthz/", "//healthz", "/healthz/../v1", "/metrics%2f"])(
    "%s is refused there",
    async (path) => {
      expect(await askedOn("10.0.0.9", own.app, path)).toBe(403);
    },
  );

  test.each(["127.0.0.1", "::1", "::ffff:127.0.0.1"])("everything is answered on %s", async (address) => {
    const statuses = await Promise.all(routes.map(([, url]) => askedOn(address, own.app, url)));
    expect(new Set(statuses)).toEqual(new Set([200]));
  });

  test("a real connection over loopback is known as such", async () => {
    await using started = await startAdmin(own.options);
    expect(await fetched(started.address.port, "/v1/services")).toBe(200);
  });
});

/** GET over a real connection. */
const fetched = (port: number, path: string): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const call = request({ host: "127.0.0.1", port, path }, (response) => {
      response.resume().on("end", () => resolve(response.statusCode));
    });
    call.on("error", reject).end();
  });

describe("the listening server", () => {
  test("takes a free port for port 0 and tells it", async () => {
    await using started = await startAdmin(server.options);
    expect(started.address.host).toBe("127.0.0.1");
    expect(await fetched(started.address.port, "/healthz")).toBe(200);
  });

  test("ends though a connection is open, and its port is free again", async () => {
    const first = await startAdmin(server.options);
    const socket = connect(first.address.port, "127.0.0.1");
    await new Promise((resolve) => socket.once("connect", resolve));
    socket.on("error", () => {});
    const closed = new Promise((resolve) => socket.once("close", resolve));
    await first[Symbol.asyncDispose]();
    await closed;
    await using second = await startAdmin({ ...server.options, listen: first.address });
    expect(second.address).toEqual(first.address);
  });

  test("a port that is taken fails the start", async () => {
    await using started = await startAdmin(server.options);
    await expect(startAdmin({ ...server.options, listen: started.address })).rejects.toThrow("EADDRINUSE");
  });

  test("has limits on connections and on the time that a request may take", async () => {
    const { maxConnections, requestTimeout, timeout, keepAliveTimeout } = server.app.server;
    expect([maxConnections, requestTimeout, timeout, keepAliveTimeout]).toEqual([256, 10_000, 30_000, 10_000]);
  });
});

test("the world is looked at anew for each request", async () => {
  let draining = false;
  await using own = await admin({ published, options: { status: () => status, isDraining: () => draining } });
  const before = (await own.get("/readyz")).status;
  draining = true;
  expect([before, (await own.get("/readyz")).status]).toEqual([200, 503]);
});
