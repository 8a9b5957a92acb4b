import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { type Clock, systemClock } from "../../clock.ts";
import { type AccessOptions, openAccess } from "./access.ts";
import { inCluster } from "./in-cluster.ts";

/** A folder with files in it. */
async function folder(files: Readonly<Record<string, string>>) {
  const at = await mkdtemp(path.join(tmpdir(), "evenkeel-access-"));
  const write = (name: string, text: string): Promise<void> => writeFile(path.join(at, name), text);
  for (const [name, text] of Object.entries(files)) await write(name, text);
  return {
    of: (name: string): string => path.join(at, name),
    write,
    [Symbol.asyncDispose]: () => rm(at, { recursive: true, force: true }),
  };
}

interface User {
  readonly user?: object;
  readonly cluster?: object;
}

const base64 = (text: string): string => Buffer.from(text).toString("base64");

const kubeconfig = ({ user = { token: "secret" }, cluster = {} }: User = {}): string =>
  JSON.stringify({
    "current-context": "here",
    contexts: [
      { name: "here", context: { cluster: "c", user: "u" } },
      { name: "staging", context: { cluster: "c2", user: "u" } },
    ],
    clusters: [
      { name: "c", cluster: { server: "https://one.example:6443/prefix", ...cluster } },
      { name: "c2", cluster: { server: "https://two.example" } },
    ],
    users: [{ name: "u", user }],
  });

const open = (options: Partial<AccessOptions>) => openAccess({ env: {}, clock: systemClock, ...options });

const messageOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "it is right",
    (error: Error) => error.message,
  );

describe("a kubeconfig", () => {
  test("gives the server, the certificate authority and the credentials of its current context", async () => {
    const certificates = { "client-certificate-data": base64("CERT"), "client-key-data": base64("KEY") };
    await using files = await folder({
      config: kubeconfig({
        user: { token: "secret", as: "somebody", ...certificates },
        cluster: { "certificate-authority-data": base64("CA"), "tls-server-name": "api" },
      }),
    });
    const access = await open({ kubeconfig: files.of("config") });
    const { server, headers, tls } = await access.target();
    expect(server.href).toBe("https://one.example:6443/prefix");
    expect(headers).toEqual({ authorization: "Bearer secret", "impersonate-user": "somebody" });
    expect(tls).toEqual({
      ca: Buffer.from("CA"),
      cert: Buffer.from("CERT"),
      key: Buffer.from("KEY"),
      servername: "api",
    });
  });

  test("is found by $KUBECONFIG, which may name several, or at home", async () => {
    await using files = await folder({ config: kubeconfig() });
    const several = [files.of("absent"), files.of("config")].join(path.delimiter);
    const found = await (await open({ env: { KUBECONFIG: several }, context: "staging" })).target();
    expect(found.server.host).toBe("two.example");
    const home = await open({ env: { HOME: "/no/home" } });
    expect(await messageOf(home.target())).toBe(
      "the current context of /no/home/.kube/config: there is no /no/home/.kube/config",
    );
  });

  test("may name files, relative to itself, and a token file that is read for each request", async () => {
    await using files = await folder({
      config: kubeconfig({ user: { tokenFile: "token" }, cluster: { "certificate-authority": "ca.crt" } }),
      token: "one\n",
      "ca.crt": "CA",
    });
    const access = await open({ kubeconfig: files.of("config") });
    const first = await access.target();
    await files.write("token", "two\n");
    const second = await access.target();
    expect([first.headers, second.headers]).toEqual([{ authorization: "Bearer one" }, { authorization: "Bearer two" }]);
    expect(second.tls.ca).toEqual(Buffer.from("CA"));
  });

  test("that trusts everybody says so", async () => {
    await using files = await folder({ config: kubeconfig({ cluster: { "insecure-skip-tls-verify": true } }) });
    const { tls } = await (await open({ kubeconfig: files.of("config") })).target();
    expect(tls).toEqual({ rejectUnauthorized: false });
  });

  test("without the context that is wanted names those that there are", async () => {
    await using files = await folder({ config: kubeconfig() });
    const access = await open({ kubeconfig: files.of("config"), context: "stagin" });
    expect(await messageOf(access.target())).toBe(
      `context stagin of ${files.of("config")}: there is no context stagin, but here, staging; did you mean staging?`,
    );
  });

  test.each([
    ["no YAML", "{secret: [", "is no YAML"],
    ["no object", "secret", "it has no current-context: name one with --context"],
    ["a server that is no URL", kubeconfig({ cluster: { server: "secret" } }), "server of cluster c is no URL"],
    [
      "a proxy",
      kubeconfig({ cluster: { "proxy-url": "http://secret" } }),
      "cluster c is behind a proxy (proxy-url), which is not supported",
    ],
    [
      "an old plugin",
      kubeconfig({ user: { "auth-provider": { name: "gcp" } } }),
      "auth-provider gcp of user u is not supported, only oidc and exec",
    ],
    ["a missing file", kubeconfig({ user: { tokenFile: "absent" } }), "ENOENT"],
  ])("that has %s is refused by name, without what may be secret", async (_, text, message) => {
    await using files = await folder({ config: text });
    const said = await messageOf((await open({ kubeconfig: files.of("config") })).target());
    expect(said).toContain(`the current context of ${files.of("config")}: `);
    expect(said).toContain(message);
    expect(said).not.toContain("secret");
  });

  test("that was wrong and is right now is read again", async () => {
    await using files = await folder({ config: "{" });
    const access = await open({ kubeconfig: files.of("config") });
    expect(await messageOf(access.target())).toContain("is no YAML");
    await files.write("config", kubeconfig());
    expect((await access.target()).server.host).toBe("one.example:6443");
  });
});

/** A plugin that counts its runs in a file and prints what it is told to. */
const plugin = (count: string, text: string): object => ({
  exec: {
    apiVersion: "client.authentication.k8s.io/v1",
    command: process.execPath,
    args: ["-e", `fs.appendFileSync(${JSON.stringify(count)}, "x"); process.stdout.write(${JSON.stringify(text)})`],
  },
});

describe("an exec plugin", () => {
  const credential = JSON.stringify({ status: { token: "from a plugin" } });

  test("is asked once, however many ask at once, and again when its token is not accepted", async () => {
    await using files = await folder({ count: "" });
    await files.write("config", kubeconfig({ user: plugin(files.of("count"), credential) }));
    const access = await open({ kubeconfig: files.of("config") });
    const targets = await Promise.all([access.target(), access.target(), access.target()]);
    targets.push(await access.target());
    expect(new Set(targets.map(({ headers }) => JSON.stringify(headers))).size).toBe(1);
    expect(targets[0]?.headers).toEqual({ authorization: "Bearer from a plugin" });
    expect(await readFile(files.of("count"), "utf8")).toBe("x");
    access.renew();
    await access.target();
    expect(await readFile(files.of("count"), "utf8")).toBe("xx");
  });

  test("is told what is expected of it, and is found from the kubeconfig's folder", async () => {
    const script = `#!${process.execPath}
      const { apiVersion } = JSON.parse(process.env.KUBERNETES_EXEC_INFO);
      process.stdout.write(JSON.stringify({ status: { token: apiVersion + process.env.MINE } }));`;
    const env = [{ name: "MINE", value: "-mine" }];
    await using files = await folder({
      plugin: script,
      config: kubeconfig({ user: { exec: { apiVersion: "v1", command: "./plugin", args: null, env } } }),
    });
    await chmod(files.of("plugin"), 0o755);
    const { headers } = await (await open({ kubeconfig: files.of("config") })).target();
    expect(headers).toEqual({ authorization: "Bearer v1-mine" });
  });

  test("that prints no JSON is said to, without what it printed", async () => {
    await using files = await folder({ count: "" });
    await files.write("config", kubeconfig({ user: plugin(files.of("count"), "secret") }));
    expect(await messageOf((await open({ kubeconfig: files.of("config") })).target())).toBe(
      `the current context of ${files.of("config")}: plugin of user u did not print JSON`,
    );
  });
});

test("an OIDC token is taken from the kubeconfig while it is valid", async () => {
  const claims = base64(JSON.stringify({ exp: Date.now() / 1000 + 3600 }));
  const token = `${base64("{}")}.${claims}.signature`;
  await using files = await folder({
    config: kubeconfig({ user: { "auth-provider": { name: "oidc", config: { "id-token": token } } } }),
  });
  const { headers } = await (await open({ kubeconfig: files.of("config") })).target();
  expect(headers).toEqual({ authorization: `Bearer ${token}` });
});

describe("inside a cluster", () => {
  const opened = async () => {
    const files = await folder({ token: "one\n", ca: "CA1" });
    let now = 0;
    const clock: Clock = { ...systemClock, now: () => now };
    const places = { token: files.of("token"), ca: files.of("ca") };
    const access = inCluster({ host: "fd00::1", port: "443", files: places, clock });
    const shown = async () => {
      const { server, headers, tls } = await access.target();
      return [server.href, headers.authorization, tls.ca?.toString()];
    };
    const rotate = async () => {
      await files.write("token", "two\n");
      await files.write("ca", "CA2");
    };
    const pass = (ms: number): void => {
      now += ms;
    };
    return { access, shown, rotate, pass, [Symbol.asyncDispose]: () => files[Symbol.asyncDispose]() };
  };

  test("L9: token and certificate authority are read again after a minute", async () => {
    await using cluster = await opened();
    expect(await cluster.shown()).toEqual(["https://[fd00::1]/", "Bearer one", "CA1"]);
    await cluster.rotate();
    cluster.pass(59_999);
    expect(await cluster.shown()).toEqual(["https://[fd00::1]/", "Bearer one", "CA1"]);
    cluster.pass(1);
    expect(await cluster.shown()).toEqual(["https://[fd00::1]/", "Bearer two", "CA2"]);
  });

  test("L9: they are read again at once when they are not accepted", async () => {
    await using cluster = await opened();
    await cluster.shown();
    await cluster.rotate();
    cluster.access.renew();
    expect(await cluster.shown()).toEqual(["https://[fd00::1]/", "Bearer two", "CA2"]);
  });
});
