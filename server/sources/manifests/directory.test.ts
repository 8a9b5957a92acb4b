import { renameSync, writeFileSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { systemClock } from "../../clock.ts";
import { type RawObject, sourceContract } from "../source.contract.ts";
import { emptyStore, isReady, reduce, type Store } from "../store.ts";
import { manifestsSource } from "./directory.ts";

async function tempFolder() {
  const at = await mkdtemp(path.join(tmpdir(), "evenkeel-manifests-"));
  return { at, [Symbol.asyncDispose]: () => rm(at, { recursive: true, force: true }) };
}

/** Each object in a file of its own, replaced in one step. */
sourceContract("a folder of manifests", async () => {
  const temp = await tempFolder();
  const [here, away] = [path.join(temp.at, "manifests"), path.join(temp.at, "away")];
  await mkdir(here);
  let folder = here;
  const fileOf = ({ kind, metadata }: RawObject): string => path.join(folder, `${kind}-${metadata.name}.json`);
  return {
    source: manifestsSource({ path: here, clock: systemClock }),
    put: async (object) => {
      await writeFile(`${fileOf(object)}.new`, JSON.stringify(object));
      await rename(`${fileOf(object)}.new`, fileOf(object));
    },
    delete: (object) => rm(fileOf(object)),
    break: async () => {
      await rename(here, away);
      folder = away;
    },
    heal: async () => {
      await rename(away, here);
      folder = here;
    },
    [Symbol.asyncDispose]: () => temp[Symbol.asyncDispose](),
  };
});

const service = (name: string, port: number | string = 80): string =>
  `apiVersion: v1\nkind: Service\nmetadata: {name: ${name}}\nspec: {ports: [{port: ${port}}]}\n`;

/** Reads a path until disposed. */
function reading(at: string, clock = systemClock) {
  const source = manifestsSource({ path: at, clock });
  let store = emptyStore(source.feeds);
  let bursts = 0;
  const seen = new Set<string>();
  const ports = (of: Store): Readonly<Record<string, number | undefined>> =>
    Object.fromEntries([...of.objects.services.values()].map(({ name, ports: [port] }) => [name, port?.port]));
  const running = source.start((burst) => {
    store = reduce(store, burst).store;
    bursts += 1;
    if (isReady(store)) seen.add(JSON.stringify(ports(store)));
  });
  return {
    /** Ports by Service. */
    ports: () => ports(store),
    problems: () =>
      (store.problems.get("manifests") ?? []).map(({ object, code, message }) => `${object}: ${code}: ${message}`),
    detail: () => store.health.get("manifests")?.detail ?? "",
    isReady: () => isReady(store),
    bursts: () => bursts,
    /** Every state that a reader could have seen. */
    states: () => [...seen],
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  };
}

const soon = <T>(read: () => T) => expect.poll(read, { timeout: 8_000, interval: 10 });

test("a folder's *.yaml, *.yml and *.json are read, and nothing else in it", async () => {
  await using temp = await tempFolder();
  const inFolder = (name: string): string => path.join(temp.at, name);
  await Promise.all([
    writeFile(inFolder("a.yaml"), service("a")),
    writeFile(inFolder("b.yml"), service("b")),
    writeFile(
      inFolder("c.json"),
      JSON.stringify({ apiVersion: "v1", kind: "Service", metadata: { name: "c" }, spec: {} }),
    ),
    writeFile(inFolder("notes.txt"), "kind: ["),
    writeFile(inFolder(".hidden.yaml"), "kind: ["),
    mkdir(inFolder("sub.yaml")),
  ]);
  await using reader = reading(temp.at);
  await soon(reader.ports).toEqual({ a: 80, b: 80, c: undefined });
  expect(reader.problems()).toEqual([]);
});

test("a path that is not there yet is waited for, and its absence is told", async () => {
  await using temp = await tempFolder();
  const at = path.join(temp.at, "later");
  await using reader = reading(at);
  await soon(reader.detail).toBe(`waiting for ${at}: ENOENT: no such file or directory`);
  expect(reader.isReady()).toBe(false);
  await mkdir(at);
  await writeFile(path.join(at, "a.yaml"), service("a"));
  await soon(reader.ports).toEqual({ a: 80 });
  expect(reader.problems()).toEqual([]);
});

test("a single file that an editor replaces, or puts aside and writes anew, is never missed", async () => {
  await using temp = await tempFolder();
  const file = path.join(temp.at, "a.yaml");
  await writeFile(file, service("a"));
  await using reader = reading(file);
  await soon(reader.ports).toEqual({ a: 80 });
  await writeFile(`${file}.tmp`, service("a", 81));
  await rename(`${file}.tmp`, file);
  await soon(reader.ports).toEqual({ a: 81 });
  renameSync(file, `${file}~`);
  await delay(10);
  writeFileSync(file, service("a", 82));
  await soon(reader.ports).toEqual({ a: 82 });
  expect(reader.states()).toEqual(['{"a":80}', '{"a":81}', '{"a":82}']);
});

test("the swap of a ConfigMap's link shows all its files at once", async () => {
  await using temp = await tempFolder();
  const inMount = (...names: string[]): string => path.join(temp.at, ...names);
  const version = async (name: string, port: number): Promise<void> => {
    await mkdir(inMount(name));
    for (const each of ["a", "b"]) await writeFile(inMount(name, `${each}.yaml`), service(each, port));
  };
  await version("..1", 80);
  await symlink("..1", inMount("..data"));
  for (const each of ["a", "b"]) await symlink(path.join("..data", `${each}.yaml`), inMount(`${each}.yaml`));
  await using reader = reading(temp.at);
  await soon(reader.ports).toEqual({ a: 80, b: 80 });
  await version("..2", 81);
  await symlink("..2", inMount("..data_tmp"));
  await rename(inMount("..data_tmp"), inMount("..data"));
  await rm(inMount("..1"), { recursive: true });
  await soon(reader.ports).toEqual({ a: 81, b: 81 });
  expect(reader.states()).toEqual(['{"a":80,"b":80}', '{"a":81,"b":81}']);
});

/** A clock whose short sleeps, once it is held, end only one by one: when they are told to. */
function heldClock() {
  let isHeld = false;
  let wake: (() => void) | undefined;
  const held = (signal?: AbortSignal): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    wake = resolve;
    signal?.addEventListener("abort", () => resolve(), { once: true });
    return promise;
  };
  const isAsleep = (): boolean => wake !== undefined;
  const release = (): void => {
    wake?.();
    wake = undefined;
  };
  return {
    clock: {
      ...systemClock,
      sleep: (ms: number, signal?: AbortSignal) =>
        isHeld && ms < 1_000 ? held(signal) : systemClock.sleep(ms, signal),
    },
    hold: (): void => {
      isHeld = true;
    },
    isAsleep,
    release,
    letGo: (): void => {
      isHeld = false;
      release();
    },
  };
}

test("a file that is written in pieces shows when it is whole", async () => {
  await using temp = await tempFolder();
  const file = path.join(temp.at, "all.yaml");
  await writeFile(file, `${service("a")}---\n${service("b")}`);
  const { clock, hold, isAsleep, release, letGo } = heldClock();
  await using reader = reading(temp.at, clock);
  await soon(reader.ports).toEqual({ a: 80, b: 80 });
  hold();
  await writeFile(file, "");
  for (const piece of [service("a", 81), "---\n", service("b", 81).slice(0, 30), service("b", 81).slice(30)]) {
    await soon(isAsleep).toBe(true);
    await writeFile(file, piece, { flag: "a" });
    release();
  }
  await soon(isAsleep).toBe(true);
  letGo();
  await soon(reader.ports).toEqual({ a: 81, b: 81 });
  expect(reader.states()).toEqual(['{"a":80,"b":80}', '{"a":81,"b":81}']);
});

test("a file that stops parsing keeps its last good objects, and its place is told until it parses", async () => {
  await using temp = await tempFolder();
  const [one, two] = [path.join(temp.at, "1.yaml"), path.join(temp.at, "2.yaml")];
  await writeFile(one, service("a"));
  await writeFile(two, service("b"));
  await using reader = reading(temp.at);
  await soon(reader.ports).toEqual({ a: 80, b: 80 });
  await writeFile(one, `${service("a", 81)}---\nkind: [Service\nspec: {}\n`);
  await writeFile(two, service("b", 82));
  await soon(reader.ports).toEqual({ a: 80, b: 82 });
  expect(reader.problems()).toEqual([
    expect.stringMatching(/^file 1\.yaml:7:1: bad-syntax: .*; what was read of it before stays$/),
  ]);
  await writeFile(one, service("a", 83));
  await soon(reader.ports).toEqual({ a: 83, b: 82 });
  expect(reader.problems()).toEqual([]);
});

test("a file that is broken from the start costs only itself", async () => {
  await using temp = await tempFolder();
  await writeFile(path.join(temp.at, "bad.yaml"), "kind: [");
  await writeFile(path.join(temp.at, "bytes.yaml"), new Uint8Array([0xff, 0xfe, 0x00]));
  await symlink("loop.yaml", path.join(temp.at, "loop.yaml"));
  await symlink("nowhere", path.join(temp.at, "nowhere.yaml"));
  await writeFile(path.join(temp.at, "good.yaml"), service("a"));
  await using reader = reading(temp.at);
  await soon(reader.ports).toEqual({ a: 80 });
  expect(reader.problems()).toEqual([
    expect.stringContaining("file bad.yaml:1:8: bad-syntax"),
    expect.stringContaining("file bytes.yaml: cannot-read"),
    expect.stringContaining("file loop.yaml: cannot-read: ELOOP"),
  ]);
});

test("L12: a file cut to nothing keeps what it held; a deleted file does not", async () => {
  await using temp = await tempFolder();
  const [a, b] = [path.join(temp.at, "a.yaml"), path.join(temp.at, "b.yaml")];
  await writeFile(a, service("a"));
  await writeFile(b, service("b"));
  await using reader = reading(temp.at);
  await soon(reader.ports).toEqual({ a: 80, b: 80 });
  await truncate(a);
  await rm(b);
  await soon(reader.ports).toEqual({ a: 80 });
  expect(reader.problems()).toEqual([expect.stringContaining("file a.yaml: empty-file")]);
});

test("L12: the removal of everything is done, and shows as a problem until something is there again", async () => {
  await using temp = await tempFolder();
  const file = path.join(temp.at, "a.yaml");
  await writeFile(file, service("a"));
  await using reader = reading(temp.at);
  await soon(reader.ports).toEqual({ a: 80 });
  await rm(file);
  await soon(reader.ports).toEqual({});
  expect(reader.problems()).toEqual([`path ${temp.at}: emptied: none of its 1 objects is left`]);
  await writeFile(file, service("b"));
  await soon(reader.ports).toEqual({ b: 80 });
  expect(reader.problems()).toEqual([]);
});

test("of an object that is written twice the first is used, by name of file and then by place", async () => {
  await using temp = await tempFolder();
  await writeFile(path.join(temp.at, "1.yaml"), `${service("a", 1)}---\n${service("a", 2)}`);
  await writeFile(path.join(temp.at, "2.yaml"), service("a", 3));
  await using reader = reading(temp.at);
  await soon(reader.ports).toEqual({ a: 1 });
  expect(reader.problems()).toEqual([
    "Service default/a: duplicate-object: 1.yaml: is there twice; the first is used",
    "Service default/a: duplicate-object: 2.yaml: is not used, since it is in 1.yaml too",
  ]);
  await rm(path.join(temp.at, "1.yaml"));
  await soon(reader.ports).toEqual({ a: 3 });
  expect(reader.problems()).toEqual([]);
});

test("E17: files that are touched and nothing more are not reported", async () => {
  await using temp = await tempFolder();
  const file = path.join(temp.at, "a.yaml");
  await writeFile(file, service("a"));
  await using reader = reading(temp.at);
  await soon(reader.isReady).toBe(true);
  const told = reader.bursts();
  await writeFile(file, `# a comment\n${service("a")}`);
  await delay(300);
  expect(reader.bursts()).toBe(told);
});

test("a file that never rests is read all the same", async () => {
  await using temp = await tempFolder();
  const file = path.join(temp.at, "a.yaml");
  await writeFile(file, service("a"));
  let restless = true;
  const writing = (async () => {
    for (let i = 0; restless; i += 1) {
      await writeFile(path.join(temp.at, "log.json"), JSON.stringify({ kind: "Other", i }));
      await delay(5);
    }
  })();
  await using reader = reading(temp.at);
  await soon(reader.ports).toEqual({ a: 80 });
  restless = false;
  await writing;
});

test("L12: a file that cannot be looked at any more keeps what it held", async () => {
  await using temp = await tempFolder();
  const file = path.join(temp.at, "a.yaml");
  await writeFile(file, service("a"));
  await using reader = reading(temp.at);
  await soon(reader.ports).toEqual({ a: 80 });
  await symlink("a.yaml", `${file}.new`);
  await rename(`${file}.new`, file);
  await soon(() => reader.problems().length).toBe(1);
  expect(reader.problems()[0]).toMatch(/^file a\.yaml: cannot-read: ELOOP.*; what was read of it before stays$/);
  expect(reader.ports()).toEqual({ a: 80 });
});

test("a file that is too large is not read, and keeps what it held", async () => {
  await using temp = await tempFolder();
  const file = path.join(temp.at, "a.yaml");
  await writeFile(file, service("a"));
  await using reader = reading(temp.at);
  await soon(reader.ports).toEqual({ a: 80 });
  await truncate(file, 17 * 2 ** 20);
  await soon(() => reader.problems().length).toBe(1);
  expect(reader.problems()[0]).toContain("file a.yaml: too-large");
  expect(reader.ports()).toEqual({ a: 80 });
});
