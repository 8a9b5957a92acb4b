import { expect, test } from "vitest";
import type { Pod } from "./cluster.ts";
import type { Reading } from "./figures.ts";
import { type Act, liveLines, type Moment, plainLine, summaryLines, type Windows } from "./screen.ts";

const pod = (name: string, zone: string, state: Pod["state"] = "ready"): Pod => ({
  name,
  zone,
  state,
  node: `node-${zone}`,
  address: "127.0.1.1",
  port: 50_051,
});
const PODS = [pod("greeter-a-1", "a"), pod("greeter-a-2", "a", "terminating"), pod("greeter-b-1", "b")];

const reading = (a: Record<string, number>, b: Record<string, number>): Reading =>
  new Map([
    ["a", { failed: 0, pods: a }],
    ["b", { failed: 1, pods: b }],
  ]);

const windows: Windows = {
  evenkeel: reading({ "greeter-a-1": 50, "greeter-b-1": 1 }, { "greeter-b-1": 51 }),
  connections: reading({ "greeter-a-1": 100 }, { "greeter-a-1": 2 }),
};

const moment: Moment = {
  seconds: 7,
  title: "two pods leave a",
  admin: "http://127.0.0.1:1",
  pods: PODS,
  lastSecond: windows,
  failed: { evenkeel: 0, connections: 3 },
};

test("a terminal shows every pod with its requests over both ways", () => {
  expect(liveLines(moment).join("\n")).toMatchInlineSnapshot(`
    "  7 s  two pods leave a

    requests in the last second     over evenkeel                   over connections (a Service)
    a      greeter-a-1                 50 ████████████                102 ████████████████████████
    a      greeter-a-2      leaving     0                               0
    b      greeter-b-1                 52 ████████████                  0

    failed since the start              0                               3
    skew: busiest / average pod      1.02                            2.00
    answered in their own zone      99.0 %                          98.0 %

    look inside: http://127.0.0.1:1/v1/services/default/greeter   http://127.0.0.1:1/v1/clients   http://127.0.0.1:1/metrics"
  `);
});

test("elsewhere a second is one line", () => {
  expect(plainLine(moment)).toMatchInlineSnapshot(
    `"  7 s  two pods leave a | 2 pods | evenkeel: 102 requests/s, skew 1.02, failed 0 | connections: 102 requests/s, skew 2.00, failed 3"`,
  );
});

test("a second without requests has no skew", () => {
  const none = { evenkeel: new Map(), connections: new Map() };
  expect(plainLine({ ...moment, lastSecond: none })).toContain("evenkeel: 0 requests/s, skew -");
});

test("the summary shows all figures, and last what did not hold", () => {
  const pods = new Map(PODS.filter(({ state }) => state === "ready").map((one) => [one.name, one]));
  const steady: Act = { title: "nothing changes", all: windows, settled: windows, pods };
  const assigned = new Map([
    ["a", new Map([["a", 1]])],
    ["b", new Map([["b", 1]])],
  ]);
  const summary = { acts: [steady], steady, assigned, chance: 2.5, broken: ["1 requests failed"] };
  expect(summaryLines(summary).join("\n")).toMatchInlineSnapshot(`
    "While nothing changed (nothing changes):

    requests answered                 over evenkeel   |   over connections
    greeter-a-1                                  50   |                102
    greeter-b-1                                  52   |                  0
    skew: busiest / average                    1.02   |               2.00   (chance gives 2.50 on average)

                                      over evenkeel   |        as assigned   |   over connections
    requests answered                to a      to b   |     to a      to b   |     to a      to b
    from a                         98.0 %     2.0 %   |  100.0 %     0.0 %   |  100.0 %     0.0 %
    from b                          0.0 %   100.0 %   |    0.0 %   100.0 %   |  100.0 %     0.0 %

    All that happened:

                                                over evenkeel   |             over connections
                                 requests    failed      skew   | requests    failed      skew
    nothing changes                   102         1      1.02   |      102         1      2.00

    Over connections: the clients of each zone keep four to the Service. As kube-proxy does it, each is given one ready pod
    at random when it is opened (the same throws in every run), and stays there. No zone is preferred.

    DOES NOT HOLD: 1 requests failed"
  `);
});
