/** What docs/connect shows of a client is, whole, what the program of that name runs, and the versions are those that it runs with. */
import { spawnSync } from "node:child_process";
import { globSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";

const PROGRAMS = "e2e/clients/programs";

const inPom = (group: string): RegExp =>
  new RegExp(`<groupId>(${group})</groupId>\\s*<artifactId>(\\S+)</artifactId>\\s*<version>(\\S+)</version>`, "g");

/** For each page, where the libraries of its program stand with their versions, and what joins the two on the page. */
const LIBRARIES = {
  armeria: [`${PROGRAMS}/armeria/pom.xml`, inPom("com.linecorp.armeria"), ":"],
  envoy: [`${PROGRAMS}/envoy/requirements*.txt`, /==(\S+)/g, ""],
  go: [`${PROGRAMS}/go/go.mod`, /(google\.golang\.org\/grpc) (v\S+)/g, "@"],
  java: [`${PROGRAMS}/java/pom.xml`, inPom("io.grpc"), ":"],
  node: ["package-lock.json", /"node_modules\/(@grpc\/grpc-js(?:-xds)?)": {\s*"version": "(\S+)"/g, "@"],
  python: [`${PROGRAMS}/python/requirements.txt`, /(grpcio)==(\S+)/g, "=="],
  rust: [`${PROGRAMS}/rust/Cargo.toml`, /(tonic(?:-xds)?) = "=(\S+)"/g, "@"],
} as const;

/** Pages without a program, which say so. */
const UNTRIED = ["cpp"];

const clients = Object.keys(LIBRARIES) as (keyof typeof LIBRARIES)[];

const pageOf = (client: string): string => readFileSync(`docs/connect/${client}.md`, "utf8");

/** The texts of files, by pattern. */
const textsIn = (pattern: string): readonly string[] =>
  globSync(pattern)
    .filter((file) => statSync(file).isFile())
    .map((file) => readFileSync(file, "utf8"));

/** Without what all lines are indented by, and without blank lines around. */
function dedented(code: string): string {
  const lines = code.split("\n");
  const indents = lines.filter((line) => line.trim() !== "").map((line) => line.search(/\S/));
  return lines
    .map((line) => line.slice(Math.min(...indents)))
    .join("\n")
    .trim();
}

/** Blocks of a page that are for a shell, or all others. */
const blocksOf = (client: string, sort: "shell" | "code"): readonly string[] =>
  [...pageOf(client).matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)]
    .filter(([, language]) => (language === "sh") === (sort === "shell"))
    .map(([, , block = ""]) => dedented(block));

/** What stands between the marks in the files of a program. */
const markedIn = (program: string): readonly string[] =>
  textsIn(`${PROGRAMS}/${program}/**/*`)
    .flatMap((text) => [...text.matchAll(/^\s*(?:\/\/|#) docs:begin\n([\s\S]*?)^\s*(?:\/\/|#) docs:end$/gm)])
    .map(([, block = ""]) => dedented(block));

test("there is a page for each program, and those without one are known", () => {
  const pages = globSync("docs/connect/*.md").map((file) => path.basename(file, ".md"));
  expect(pages.toSorted()).toEqual([...clients, ...UNTRIED].toSorted());
  expect(globSync(`${PROGRAMS}/*`).map((folder) => path.basename(folder))).toEqual(expect.arrayContaining(clients));
});

test.each(clients)("the page for %s shows what its program marks, whole, and no other code", (client) => {
  const marked = markedIn(client);
  expect(marked).not.toEqual([]);
  expect(blocksOf(client, "code").toSorted()).toEqual(marked.toSorted());
});

test.each(clients)("the page for %s names the libraries that its program runs with", (client) => {
  const [pattern, library, joint] = LIBRARIES[client];
  const named = textsIn(pattern).flatMap((text) =>
    [...text.matchAll(library)].map(([, ...parts]) => parts.join(joint)),
  );
  expect(named).not.toEqual([]);
  expect(named.filter((name) => !pageOf(client).includes(name))).toEqual([]);
});

test.each(UNTRIED)("the page for %s says that nothing runs it", (client) => {
  expect(pageOf(client)).toContain("None of these is run by evenkeel's suite");
});

/** `npx evenkeel` as it is here, for a POSIX shell. */
const NPX = `npx() { shift; '${process.execPath}' cli/evenkeel.mjs "$@"; }`;

test.each([...clients, ...UNTRIED].filter((client) => client !== "envoy"))(
  "what the page for %s has for a shell puts JSON into the environment, whatever quotes it has",
  (client) => {
    const [line = ""] = blocksOf(client, "shell");
    const [, variable = ""] = /# sets (\w+)$/.exec(line) ?? [];
    const asked = line.replace("HOST:18000", `evenkeel.example:18000 --metadata "team=o'hara"`);
    const { stdout, stderr } = spawnSync("sh", ["-ec", `${NPX}\n${asked}\nprintenv ${variable}`], { encoding: "utf8" });
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toMatchObject({ node: { metadata: { team: "o'hara" } } });
  },
);
