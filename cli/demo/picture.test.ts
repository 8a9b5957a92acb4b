import { expect, test } from "vitest";
import type { Reading } from "./figures.ts";
import { picture } from "./picture.ts";

const reading = (pods: Readonly<Record<string, number>>): Reading => new Map([["eu-a", { failed: 0, pods }]]);

test("the picture has a bar for each pod of both ways, also for one without requests, and says the skew", () => {
  const pods = new Map([
    ["greeter-eu-a-1", { zone: "eu-a" }],
    ["greeter-eu-a-2", { zone: "eu-a" }],
  ]);
  const svg = picture(
    { evenkeel: reading({ "greeter-eu-a-1": 5, "greeter-eu-a-2": 5 }), connections: reading({ "greeter-eu-a-2": 10 }) },
    pods,
  );
  const heights = [...svg.matchAll(/height="([\d.]+)" fill="#/g)].map(([, height]) => Number(height));
  expect(heights).toEqual([0, 150, 75, 75]);
  expect([...svg.matchAll(/average = ([\d.]+)/g)].map(([, figure]) => figure)).toEqual(["2.00", "1.00"]);
});
