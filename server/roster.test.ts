import { expect, test } from "vitest";
import { UNKNOWN, type ZoneClass, zoneKey } from "../snapshots/balance/zone.ts";
import { ASSIGNMENT, CLUSTER } from "../snapshots/type-url.ts";
import { createRoster, type Member } from "./roster.ts";

const zoneA = { region: "r", zone: "a" };
const inZoneA: ZoneClass = { kind: "known", zone: zoneA };

const member = (id: string, zoneClass: ZoneClass = inZoneA): Member => ({
  id,
  node: { id: "same", cluster: "", userAgentName: "", userAgentVersion: "", metadata: {}, features: [] },
  peer: "127.0.0.1:1",
  variant: "sotw",
  kind: "grpc",
  zoneClass,
  zoneFrom: "node.locality",
  since: 0,
  status: () => [],
  changed: () => {},
});

test("B17: two streams with the same node id are two members", () => {
  const roster = createRoster(() => 0);
  roster.join(member("1"));
  roster.join(member("2"));
  expect([...roster.members()].map(({ id }) => id)).toEqual(["1", "2"]);
});

test("who leaves is found under no name any more", () => {
  const roster = createRoster(() => 0);
  const one = member("1");
  roster.join(one);
  roster.subscribe(one, CLUSTER, "a");
  roster.subscribe(one, ASSIGNMENT, "a");
  roster.leave(one);
  expect(roster.subscribers(CLUSTER, "a").size + roster.subscribers(ASSIGNMENT, "a").size + roster.size).toBe(0);
  expect([...roster.names(CLUSTER), ...roster.names(ASSIGNMENT)]).toEqual([]);
});

test("a request that arrives after the end of its stream subscribes to nothing", () => {
  const roster = createRoster(() => 0);
  const one = member("1");
  roster.join(one);
  roster.leave(one);
  roster.subscribe(one, CLUSTER, "a");
  expect(roster.subscribers(CLUSTER, "a").size).toBe(0);
});

test("demand counts streams by zone and leaves out those of unknown zone", () => {
  const roster = createRoster(() => 0);
  const told: string[] = [];
  roster.onDemand((cluster) => told.push(cluster));
  for (const one of [member("1"), member("2"), member("3", UNKNOWN)]) {
    roster.join(one);
    roster.subscribe(one, ASSIGNMENT, "a");
  }
  expect(roster.demand("a")).toEqual(new Map([[zoneKey(zoneA), 2]]));
  expect(told).toEqual(["a", "a", "a"]);
});

test("E23: a name keeps the time it was first asked for, and goes with its last stream", () => {
  let now = 5;
  const roster = createRoster(() => now);
  const [one, two] = [member("1"), member("2")];
  roster.join(one);
  roster.join(two);
  roster.subscribe(one, CLUSTER, "a");
  now = 9;
  roster.subscribe(two, CLUSTER, "a");
  expect([...roster.names(CLUSTER)]).toEqual([{ name: "a", since: 5, streams: 2 }]);
  roster.unsubscribe(one, CLUSTER, "a");
  roster.unsubscribe(two, CLUSTER, "a");
  expect([...roster.names(CLUSTER)]).toEqual([]);
});

test("when a member moves, those who look at demand are told of every cluster that it asks for", () => {
  const roster = createRoster(() => 0);
  const told: string[] = [];
  const one = { ...member("1"), zoneClass: inZoneA as ZoneClass };
  roster.join(one);
  for (const name of ["a", "b"]) roster.subscribe(one, ASSIGNMENT, name);
  roster.subscribe(one, CLUSTER, "c");
  roster.onDemand((cluster) => told.push(cluster));
  one.zoneClass = { kind: "known", zone: { region: "r", zone: "b" } };
  roster.moved(one);
  expect([told, roster.demand("a")]).toEqual([["a", "b"], new Map([[zoneKey({ region: "r", zone: "b" }), 1]])]);
});
