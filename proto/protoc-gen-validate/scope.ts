import type { DescMessage } from "@bufbuild/protobuf";
import type { GeneratedFile, Printable } from "@bufbuild/protoplugin";
import type { Closure } from "./closure.ts";
import { typeName, typesModule, validatorModule, validatorName } from "./names.ts";
import type { Options } from "./options.ts";

/** What the code of one generated file may refer to. */
export interface Scope {
  readonly options: Options;
  readonly closure: Closure;
  /** Gives a name to an expression that is computed once per module. */
  hoisted(expression: string): string;
  /** The names and expressions of all that was hoisted. */
  constants(): readonly (readonly [name: string, expression: string])[];
  readonly violation: Printable;
  runtime(name: string): Printable;
  format(name: string): Printable;
  /** The start of an exported function, whose name no import may then take. */
  exported(name: string): Printable;
  type(message: DescMessage): Printable;
  validator(message: DescMessage): Printable;
}

/** Where the plugin copies what generated code calls. */
export const RUNTIME_FILES = ["runtime", "formats"] as const;

export const runtimePath = (name: (typeof RUNTIME_FILES)[number]): string => `validate/${name}`;

export function scopeOf(file: GeneratedFile, options: Options, closure: Closure): Scope {
  const names = new Map<string, string>();
  return {
    options,
    closure,
    hoisted(expression) {
      const name = names.get(expression) ?? `CONSTANT_${names.size + 1}`;
      names.set(expression, name);
      return name;
    },
    constants: () => [...names].map(([expression, name]) => [name, expression]),
    violation: file.import("Violation", `./${runtimePath("runtime")}.js`, true),
    runtime: (name) => file.import(name, `./${runtimePath("runtime")}.js`),
    format: (name) => file.import(name, `./${runtimePath("formats")}.js`),
    exported: (name) => file.export("function", name),
    type: (message) => file.import(typeName(message), typesModule(message.file), true),
    validator: (message) => file.import(validatorName(message), validatorModule(message.file)),
  };
}
