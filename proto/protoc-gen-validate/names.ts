import type { DescEnum, DescFile, DescMessage } from "@bufbuild/protobuf";

/** The two type names that ts-proto lengthens, because generated code needs the built-in ones. */
const BUILT_IN: ReadonlySet<string> = new Set(["Date", "Function"]);

const upperFirst = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

/** The property that ts-proto makes of a proto name: only names with an underscore change. */
export function camelCase(name: string): string {
  if (!name.includes("_")) return name;
  const [first = "", ...rest] = (/[a-z]/.test(name) ? name : name.toLowerCase()).split("_");
  return first + rest.map(upperFirst).join("");
}

/** The type that ts-proto makes of a message or an enum. */
export function typeName(desc: DescMessage | DescEnum): string {
  const name = nestedName(desc);
  return BUILT_IN.has(name) ? `${name}Message` : name;
}

const nestedName = ({ parent, name }: DescMessage | DescEnum): string =>
  parent === undefined ? camelCase(name) : `${nestedName(parent)}_${camelCase(name)}`;

/** The function that validates a message. */
export const validatorName = (message: DescMessage): string => `validate${typeName(message)}`;

/** Where ts-proto writes the types of a file; protoplugin sets the extension that the option import_extension names. */
export const typesModule = (file: DescFile): string => `./${file.name}.js`;

/** Where this plugin writes the validators of a file. */
export const validatorModule = (file: DescFile): string => `./${file.name}.validate.js`;
