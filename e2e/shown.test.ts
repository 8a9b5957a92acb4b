/** What the documents show is run here, so that it stays true. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { runEvenkeel, startEvenkeel } from "./harness/command.ts";
import { startControlPlane } from "./harness/control-plane.ts";

/** Lines of the shell blocks of a document, without comments and redirections. */
const commandsIn = (file: string): readonly string[] =>
  [...readFileSync(file, "utf8").matchAll(/```sh\n([\s\S]*?)```/g)]
    .flatMap(([, block = ""]) => block.split("\n"))
    .map((line) => line.replace(/\s+#.*$/, "").replace(/\s+>\s+\S+$/, ""))
    .filter((line) => line !== "");

const argumentsOf = (program: string, ...files: readonly string[]): readonly string[] =>
  files
    .flatMap(commandsIn)
    .filter((line) => line.startsWith(program))
    .map((line) => line.slice(program.length).trim());

const evenkeel = [...new Set(argumentsOf("npx evenkeel ", "README.md", "examples/README.md"))];
const serving = evenkeel.filter((line) => line.startsWith("serve "));
const ending = evenkeel.filter((line) => !line.startsWith("serve "));
const urls = argumentsOf("curl ", "README.md", "docs/admin.md").map((text) =>
  text.replace(/^-s /, "").replaceAll("'", ""),
);

test("the documents show commands of each sort", () => {
  expect([serving.length, ending.length, urls.length].every((count) => count > 0)).toBe(true);
});

test.each(ending)("evenkeel %s", async (line) => {
  const { code, stderr } = await runEvenkeel(line.split(" "));
  expect([code, stderr]).toEqual([0, ""]);
});

test.each(serving)("evenkeel %s", async (line) => {
  await using server = startEvenkeel([...line.split(" "), "--xds", "127.0.0.1:0", "--admin", "127.0.0.1:0"]);
  expect(JSON.parse(await server.line(15_000))).toMatchObject({ msg: "ready" });
});

test("every URL that the documents ask for is answered", async () => {
  await using plane = await startControlPlane({ folder: "examples/manifests" });
  const statuses = await Promise.all(
    urls.map(async (url) => {
      const { status } = await fetch(url.replace(/^(http:\/\/)?127\.0\.0\.1:18001/, plane.admin));
      return [url, status];
    }),
  );
  expect(statuses).toEqual(urls.map((url) => [url, 200]));
});
