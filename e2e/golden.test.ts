import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { type Demand, goldenText, type Step } from "./harness/golden.ts";

/**
 * Each folder of snapshots/testdata is a case: manifests in, `resources.yaml` out. `objects.yaml` is what there is at
 * the start, `objects+40s.yaml` all there is 40 seconds later. `demand.yaml` may hold streams by cluster and client zone.
 * `vitest --update` writes the results anew: review them like code.
 */
const TESTDATA = path.join(import.meta.dirname, "../snapshots/testdata");

const secondsIn = (file: string): number => Number(/^objects\+(\d+)s\.yaml$/.exec(file)?.[1] ?? 0);

const stepsOf = (folder: string): readonly Step[] =>
  readdirSync(folder)
    .filter((file) => /^objects(\+\d+s)?\.yaml$/.test(file))
    .map((file) => ({ file, seconds: secondsIn(file), text: readFileSync(path.join(folder, file), "utf8") }))
    .toSorted((a, b) => a.seconds - b.seconds);

function demandOf(folder: string): Demand {
  const file = path.join(folder, "demand.yaml");
  return existsSync(file) ? parse(readFileSync(file, "utf8")) : {};
}

const cases = readdirSync(TESTDATA);

describe("what is made of the objects is what was reviewed", () => {
  test.each(cases)("%s", async (name) => {
    const folder = path.join(TESTDATA, name);
    await expect(goldenText(stepsOf(folder), demandOf(folder))).toMatchFileSnapshot(
      path.join(folder, "resources.yaml"),
    );
  });
});

test("every derivation rule of the specification has a case (H0 to H16)", () => {
  const rules = [...Array.from({ length: 17 }, (_, i) => `h${i}`), "h1b"];
  expect(rules.filter((rule) => !cases.some((name) => name.startsWith(`${rule}-`)))).toEqual([]);
});

const single = cases.filter((name) => stepsOf(path.join(TESTDATA, name)).length === 1);

/** What is served, without the problems, which tell where in a file something stands. */
function served(name: string, order: (documents: string[]) => string[]): unknown {
  const folder = path.join(TESTDATA, name);
  const steps = stepsOf(folder).map((step) => ({ ...step, text: order(step.text.split(/^---$/m)).join("---\n") }));
  const { names, resources } = parse(goldenText(steps, demandOf(folder)));
  return { names, resources };
}

describe("the order in which objects are read changes nothing (B14)", () => {
  test.each(single)("%s", (name) => {
    expect(served(name, (documents) => documents.toReversed())).toEqual(served(name, (documents) => documents));
  });
});
