import { expect, test } from "vitest";
import { derive } from "../../snapshots/derive/derive.ts";
import { everything, input, node, objectsOf, ready, service, slice } from "../../snapshots/derive/fixtures.ts";
import { emptyModel } from "../../snapshots/derive/model.ts";
import type { KubernetesObject } from "../../snapshots/objects.ts";
import { nextSnapshot } from "../../snapshots/snapshot.ts";
import { createCurrent, type Published } from "../current.ts";
import type { OpenStream } from "./open-stream.ts";
import { createRelocation } from "./relocation.ts";

/** What each step is published with; slices and Nodes that stay are the same objects. */
function publisher() {
  const { reader, publish } = createCurrent();
  let model = emptyModel;
  let objects: Published["objects"] | undefined;
  return {
    reader,
    publish: (...all: readonly KubernetesObject[]) => {
      const next = objectsOf(...all);
      const before = objects ?? next;
      const changed = next.slicesByService.entries();
      const isSame = JSON.stringify([...next.nodes.values()]) === JSON.stringify([...before.nodes.values()]);
      objects = {
        ...next,
        nodes: isSame ? before.nodes : next.nodes,
        slicesByService: before.slicesByService.with(changed),
      };
      const derived = derive(input(objects, { touched: everything }), model);
      model = derived.model;
      const snapshot = nextSnapshot(model, derived.changed, undefined, { clusterDomain: "cluster.local" });
      publish({ snapshot, objects, sourceProblems: new Map() }, new Map());
    },
  };
}

function stream(address: string | undefined, relocated: (string | undefined)[]): OpenStream {
  return {
    peer: `${address}:1`,
    address,
    end: () => {},
    stuckSince: undefined,
    owesSince: () => false,
    tick: () => {},
    relocate: () => relocated.push(address),
  };
}

const nodes = [node("n1", "a", "eu"), node("n2", "b", "eu")];
const pods = (...zones: readonly string[]) => slice(zones.map((zone, i) => ready(`10.0.0.${i + 1}`, { zone })));

function world(...streams: readonly (string | undefined)[]) {
  const { reader, publish } = publisher();
  publish(service(), pods("a", "a"), ...nodes);
  const relocated: (string | undefined)[] = [];
  const open = new Set(streams.map((address) => stream(address, relocated)));
  const relocation = createRelocation(reader, open);
  for (const one of open) relocation.met(one);
  return { publish, relocation, relocated, open };
}

test("a stream is looked at again when other things are told of its address, and no other stream is", () => {
  const { publish, relocation, relocated } = world("10.0.0.1", "10.0.0.2", undefined);
  expect(relocation.places.placeOf("10.0.0.2")).toMatchObject({ zone: { region: "eu", zone: "a" } });
  publish(service(), pods("a", "b"), ...nodes);
  expect(relocated).toEqual(["10.0.0.2"]);
  expect(relocation.places.placeOf("10.0.0.2")).toMatchObject({ zone: { region: "eu", zone: "b" } });
});

test("a slice that says of its addresses what it said moves nobody", () => {
  const { publish, relocation, relocated } = world("10.0.0.1", "10.0.0.2");
  relocation.places.placeOf("10.0.0.1");
  publish(service(), pods("a", "a", "b"), ...nodes);
  expect(relocated).toEqual([]);
});

test("when Nodes change, every stream is looked at again", () => {
  const { publish, relocated } = world("10.0.0.1", undefined);
  publish(service(), pods("a", "a"), node("n1", "c", "eu"));
  expect(relocated).toEqual(["10.0.0.1", undefined]);
});

test("a stream that has left, or a server that is closed, hears nothing", () => {
  const { publish, relocation, relocated, open } = world("10.0.0.1", "10.0.0.2");
  relocation.places.placeOf("10.0.0.1");
  const [first] = open;
  if (first !== undefined) relocation.left(first);
  publish(service(), pods("b", "a"), ...nodes);
  relocation.close();
  publish(service(), pods("a", "b"), ...nodes);
  expect(relocated).toEqual([]);
});
