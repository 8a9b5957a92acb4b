import { expect, test } from "vitest";
import { ASSIGNMENT, CLUSTER, type TypeUrl } from "../../snapshots/type-url.ts";
import { createCurrent } from "../current.ts";
import { createRoster, type Member, WILDCARD } from "../roster.ts";
import { snapshotOf } from "./fixtures.ts";
import { ANONYMOUS } from "./node.ts";
import { createPublisher } from "./publisher.ts";

/** A publisher with members that write down what they are told, and when they are flushed. */
function publishing() {
  const { reader, publish } = createCurrent();
  const roster = createRoster(() => 0);
  const publisher = createPublisher(reader, roster);
  const heard: string[] = [];
  const member = (id: string): Member => {
    const self = { flush: () => heard.push(`${id} flushed`) };
    const joined: Member = {
      ...ANONYMOUS,
      id,
      peer: "127.0.0.1:1",
      variant: "sotw",
      since: 0,
      status: () => [],
      changed: (_, names) => {
        heard.push(`${id} ${names.join(" ")}`);
        publisher.enqueue(self);
      },
    };
    roster.join(joined);
    return joined;
  };
  const publishChanges = (changes: readonly (readonly [TypeUrl, readonly string[]])[]): readonly string[] => {
    publish({ snapshot: snapshotOf({}), objects: new Map() as never, sourceProblems: new Map() }, new Map(changes));
    return heard.splice(0);
  };
  return { roster, publisher, member, publishChanges };
}

test("a change is told to those who ask for its names, and to no others", () => {
  const { roster, member, publishChanges } = publishing();
  roster.subscribe(member("one"), ASSIGNMENT, "a");
  roster.subscribe(member("two"), ASSIGNMENT, "b");
  expect(publishChanges([[ASSIGNMENT, ["a"]]])).toEqual(["one a", "one flushed"]);
});

test("E1: all are told before any is flushed, and each is flushed once", () => {
  const { roster, member, publishChanges } = publishing();
  for (const one of [member("one"), member("two")]) {
    roster.subscribe(one, CLUSTER, "a");
    roster.subscribe(one, ASSIGNMENT, "a");
    roster.subscribe(one, ASSIGNMENT, "b");
  }
  const told = publishChanges([
    [CLUSTER, ["a"]],
    [ASSIGNMENT, ["a", "b"]],
  ]);
  expect(told).toEqual(["one a", "two a", "one a", "two a", "one b", "two b", "one flushed", "two flushed"]);
});

test("who subscribes to everything is told every changed name", () => {
  const { roster, member, publishChanges } = publishing();
  const one = member("one");
  roster.subscribe(one, CLUSTER, WILDCARD);
  roster.subscribe(one, CLUSTER, "a");
  expect(publishChanges([[CLUSTER, ["a", "b"]]])).toEqual(["one a", "one a b", "one flushed"]);
});

test("E17: a publish without changes wakes no stream", () => {
  const { roster, member, publishChanges } = publishing();
  roster.subscribe(member("one"), CLUSTER, "a");
  expect(publishChanges([])).toEqual([]);
});

test("E1: a large fan-out is flushed in turns, so that other work gets its own", async () => {
  const { roster, member, publishChanges } = publishing();
  for (let at = 0; at < 300; at += 1) roster.subscribe(member(String(at)), CLUSTER, "a");
  const flushedAtOnce = publishChanges([[CLUSTER, ["a"]]]).filter((line) => line.endsWith("flushed")).length;
  await new Promise((resolve) => setTimeout(resolve, 20));
  const later = publishChanges([]).length;
  expect([flushedAtOnce, flushedAtOnce + later]).toEqual([128, 300]);
});

test("E1: however often it is published meanwhile, a turn flushes only so many", async () => {
  const { roster, member, publishChanges } = publishing();
  for (let at = 0; at < 1000; at += 1) roster.subscribe(member(String(at)), CLUSTER, "a");
  for (let at = 0; at < 4; at += 1) publishChanges([[CLUSTER, ["a"]]]);
  await new Promise((resolve) => setImmediate(resolve));
  expect(publishChanges([]).length).toBe(2 * 128);
});
