import { execFile } from "node:child_process";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

const ROOT = path.resolve(import.meta.dirname, "../../..");

const bin = (name: string): string => path.join(ROOT, "node_modules/.bin", name);

const TYPES_OPTIONS = [
  "enumsAsLiterals=true",
  "unrecognizedEnum=false",
  "importSuffix=.ts",
  "oneof=unions-value",
  "esModuleInterop=true",
];

const TEMPLATE = {
  version: "v2",
  plugins: [
    { local: bin("protoc-gen-ts_proto"), out: "gen", include_imports: true, strategy: "all", opt: TYPES_OPTIONS },
    {
      local: [process.execPath, path.resolve(import.meta.dirname, "../main.ts")],
      out: "gen",
      include_imports: true,
      strategy: "all",
      opt: ["target=ts", "import_extension=ts"],
    },
  ],
};

const TSCONFIG = { extends: "../../../tsconfig.json", include: ["gen"] };

/** Protos of a test beside `validate/validate.proto`, as a project of their own under `.cache/`. */
export interface Workspace {
  /** Runs both plugins and gives the path of a file that they wrote. */
  generate(): Promise<(file: string) => string>;
  /** What the compiler says of the generated code. */
  typeErrors(): Promise<string>;
  /** The compiled protos, as `google.protobuf.FileDescriptorSet`. */
  descriptors(): Promise<Buffer>;
}

export async function workspace(name: string, protos: Readonly<Record<string, string>>): Promise<Workspace> {
  const folder = path.join(ROOT, ".cache/protoc-gen-validate", name);
  await rm(folder, { recursive: true, force: true });
  const files = {
    "validate/validate.proto": await readFile(path.join(ROOT, "proto/validate/validate.proto"), "utf8"),
    ...protos,
    "buf.yaml": "version: v2",
    "buf.gen.yaml": JSON.stringify(TEMPLATE),
    "tsconfig.json": JSON.stringify(TSCONFIG),
  };
  for (const [file, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
    await writeFile(path.join(folder, file), text);
  }
  const options = { cwd: folder, encoding: "buffer", maxBuffer: 2 ** 26 } as const;
  return {
    async generate() {
      await run(bin("buf"), ["generate"], options);
      return (file) => path.join(folder, "gen", file);
    },
    async typeErrors() {
      const compiled = run(bin("tsc"), ["-p", folder], options);
      return String(await compiled.then(({ stdout }) => stdout).catch(({ stdout }: { stdout: Buffer }) => stdout));
    },
    async descriptors() {
      const { stdout } = await run(bin("buf"), ["build", "--as-file-descriptor-set", "-o", "-"], options);
      return stdout;
    },
  };
}
