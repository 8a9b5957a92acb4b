import { readFileSync } from "node:fs";
import { createEcmaScriptPlugin, type Schema } from "@bufbuild/protoplugin";
import { closureOf } from "./closure.ts";
import { printValidators } from "./emit.ts";
import { optionsOf } from "./options.ts";
import { RUNTIME_FILES, runtimePath, scopeOf } from "./scope.ts";

function generate(schema: Schema): void {
  const options = optionsOf(schema.allFiles);
  const closure = closureOf(options);
  for (const file of schema.files) {
    const output = schema.generateFile(`${file.name}.validate.ts`);
    output.preamble(file);
    printValidators(output, file, scopeOf(output, options, closure));
  }
  for (const name of RUNTIME_FILES) {
    const source = readFileSync(new URL(`${name}.ts`, import.meta.url), "utf8");
    schema.generateFile(`${runtimePath(name)}.ts`).print(source.trimEnd());
  }
}

/** Writes a validator for every message: `<file>.validate.ts` beside the `<file>.ts` of ts-proto. */
export const plugin = createEcmaScriptPlugin({ name: "protoc-gen-validate", version: "v0.1.0", generateTs: generate });
