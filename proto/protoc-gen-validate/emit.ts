import type { DescFile, DescMessage, DescOneof } from "@bufbuild/protobuf";
import type { GeneratedFile } from "@bufbuild/protoplugin";
import { block, type Line } from "./code.ts";
import { fieldLines } from "./field.ts";
import { camelCase, validatorName } from "./names.ts";
import type { Scope } from "./scope.ts";

/** A message and all that are defined inside it. */
export const withNested = (message: DescMessage): readonly DescMessage[] => [
  message,
  ...message.nestedMessages.flatMap(withNested),
];

/** Prints a validator for every message of a file. */
export function printValidators(output: GeneratedFile, file: DescFile, scope: Scope): void {
  const messages = file.messages.flatMap(withNested).filter((message) => !scope.options.isIgnored(message));
  const functions = messages.flatMap((message) => [...validator(scope, message), []]);
  const constants = scope.constants().map(([name, expression]) => [`const ${name} = ${expression};`]);
  const lines = constants.length === 0 ? functions : [...constants, [], ...functions];
  for (const line of lines.slice(0, -1)) output.print(...line);
}

function validator(scope: Scope, message: DescMessage): readonly Line[] {
  const name = scope.exported(validatorName(message));
  const violations = [scope.violation, "[]"];
  const checks = scope.options.isDisabled(message) ? [] : checkLines(scope, message);
  if (checks.length === 0)
    return block([name, "(_message: ", scope.type(message), "): ", violations], [["return [];"]]);
  const now = scope.closure.needsNow(message) ? ", now: Date" : "";
  const parameters = ["(message: ", scope.type(message), now, ", found: ", violations, " = [])"];
  return block([name, ...parameters, ": ", violations], [...checks, ["return found;"]]);
}

const checkLines = (scope: Scope, { oneofs, fields }: DescMessage): readonly Line[] => [
  ...oneofs.filter(scope.options.isRequired).map((oneof) => requiredLine(scope, oneof)),
  ...fields.flatMap((field) => fieldLines(scope, field)),
];

const requiredLine = (scope: Scope, { name }: DescOneof): Line => [
  `if (message.${camelCase(name)} === undefined) `,
  scope.runtime("missing"),
  `(found, ${JSON.stringify(name)}, "oneof.required");`,
];
