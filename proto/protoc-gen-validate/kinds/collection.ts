import { ScalarType } from "@bufbuild/protobuf";
import type { Printable } from "@bufbuild/protoplugin";
import { counted, type Kind, type Rule, type Site } from "./kind.ts";

type Count = (site: Site) => Printable[];

const atLeast =
  (count: Count, one: string): Rule<number> =>
  (operand, site) => ({
    kept: [...count(site), ` >= ${operand}`],
    allowed: `must have at least ${counted(operand, one)}`,
    shown: count(site),
  });

const atMost =
  (count: Count, one: string): Rule<number> =>
  (operand, site) => ({
    kept: [...count(site), ` <= ${operand}`],
    allowed: `must have at most ${counted(operand, one)}`,
    shown: count(site),
  });

const items: Count = ({ value }) => [`${value}.length`];

const pairs: Count = ({ value, runtime }) => [runtime("pairs"), `(${value})`];

const unique: Rule<true> = (_operand, { value, field, runtime }) => {
  if (field.message !== undefined) throw new Error("unique is for lists of scalars and enums");
  const compare = field.scalar === ScalarType.BYTES ? "areBytesUnique" : "isUnique";
  return { kept: [runtime(compare), `(${value})`], allowed: "must have each item once" };
};

const noSparse: Rule<true> = (_operand, { value, field, runtime }) => {
  if (field.message === undefined) throw new Error("no_sparse is for maps of messages");
  return { kept: [runtime("isDense"), `(${value})`], allowed: "must have a value for each key" };
};

export const REPEATED: Kind = {
  rules: { min_items: atLeast(items, "item"), max_items: atMost(items, "item"), unique },
  nonEmpty: (site) => [...items(site), " !== 0"],
};

export const MAP: Kind = {
  rules: { min_pairs: atLeast(pairs, "pair"), max_pairs: atMost(pairs, "pair"), no_sparse: noSparse },
  nonEmpty: (site) => [...pairs(site), " !== 0"],
};
