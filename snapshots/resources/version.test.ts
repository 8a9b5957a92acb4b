import fc from "fast-check";
import { expect, test } from "vitest";
import { emptySet, type SetVersion, setVersion, withMember } from "./version.ts";

interface Member {
  readonly name: string;
  readonly version: string;
}

const members = fc.uniqueArray(fc.record({ name: fc.string(), version: fc.string() }), {
  selector: ({ name }) => name,
  maxLength: 30,
});

const setOf = (list: readonly Member[]): SetVersion =>
  list.reduce((set, member) => withMember(set, undefined, member), emptySet);

test("S26: the version of a set does not depend on the order in which it was put together", () => {
  fc.assert(
    fc.property(members, fc.nat({ max: 30 }), (list, at) => {
      expect(setVersion(setOf([...list.slice(at), ...list.slice(0, at)]))).toBe(setVersion(setOf(list)));
      expect(setVersion(setOf(list.toReversed()))).toBe(setVersion(setOf(list)));
    }),
  );
});

/** Gives a member another version, or takes it away. */
const edit = fc.tuple(fc.nat({ max: 29 }), fc.option(fc.string(), { nil: undefined }));

test("replacing members one by one gives the version of the set made anew", () => {
  fc.assert(
    fc.property(members, fc.array(edit), (list, edits) => {
      const held = new Map(list.map((member) => [member.name, member]));
      const walked = edits.reduce((set, [at, version]) => {
        const { name } = list[at % list.length] ?? { name: "" };
        const previous = held.get(name);
        const next = version === undefined ? undefined : { name, version };
        held.delete(name);
        if (next !== undefined) held.set(name, next);
        return withMember(set, previous, next);
      }, setOf(list));
      expect(setVersion(walked)).toBe(setVersion(setOf([...held.values()])));
    }),
  );
});

test("another name, another version or another member gives another version", () => {
  const sets = [
    [],
    [{ name: "a", version: "1" }],
    [{ name: "a", version: "2" }],
    [{ name: "b", version: "1" }],
    [
      { name: "a", version: "1" },
      { name: "b", version: "1" },
    ],
    [
      { name: "a", version: "2" },
      { name: "b", version: "1" },
    ],
    [
      { name: "a", version: "1" },
      { name: "b", version: "2" },
    ],
  ];
  expect(new Set(sets.map((set) => setVersion(setOf(set)))).size).toBe(sets.length);
});

test("a version is the same in every process", () => {
  expect(setVersion(setOf([{ name: "greeter.default:8080", version: "0123456789abcdef" }]))).toBe("be62a58e67c02ee4");
});
