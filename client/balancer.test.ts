import type { experimental } from "@grpc/grpc-js";
import { expect, onTestFinished, test, vi } from "vitest";
import { Balancer, BalancerConfig, type BalancerInput, CLUSTER_KEY, INPUT_KEY } from "./balancer.ts";
import { settingsOf } from "./options.ts";

/** No pod is ever connected: what is picked says which cluster was asked. */
function startBalancer() {
  vi.useFakeTimers();
  let picker: experimental.Picker | undefined;
  const helper = { updateState: (_: unknown, given: experimental.Picker) => (picker = given) };
  const balancer = new Balancer(helper as unknown as experimental.ChannelControlHelper);
  onTestFinished(() => {
    balancer.destroy();
    vi.useRealTimers();
  });
  const settings = settingsOf({});
  const use = (...names: readonly string[]): void => {
    const clusters = new Map(names.map((name) => [name, { kind: "failed" as const, message: `${name} has failed` }]));
    const input: BalancerInput = { clusters, settings, nodeId: "test", ledger: undefined, show: () => undefined };
    balancer.updateAddressList(undefined, new BalancerConfig(), { [INPUT_KEY]: input });
  };
  const pick = (name: string): string | undefined =>
    picker?.pick({ extraPickInfo: { [CLUSTER_KEY]: name } } as unknown as experimental.PickArgs).status?.details;
  return { use, pick };
}

test("A31: a cluster that leaves the routes answers requests that chose it before, for half a minute", () => {
  const { use, pick } = startBalancer();
  use("a");
  use("b");
  expect([pick("a"), pick("b")]).toEqual(["a has failed", "b has failed"]);
  vi.advanceTimersByTime(29_999);
  expect(pick("a")).toBe("a has failed");
  vi.advanceTimersByTime(1);
  expect(pick("a")).toBe('cluster "a" is no longer in use');
});

test("a cluster that comes back in that time stays", () => {
  const { use, pick } = startBalancer();
  use("a");
  use("b");
  vi.advanceTimersByTime(20_000);
  use("a", "b");
  vi.advanceTimersByTime(20_000);
  expect(pick("a")).toBe("a has failed");
});
