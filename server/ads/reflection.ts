import { readFile } from "node:fs/promises";
import { BinaryReader } from "@bufbuild/protobuf/wire";
import type { MethodDefinition, Server, ServerDuplexStream, UntypedServiceImplementation } from "@grpc/grpc-js";
import type { Log } from "../log.ts";
import { createSideCalls } from "./side-calls.ts";

/** Written by `npm run gen`: the services that are served, and all that they refer to. */
const DESCRIPTORS = new URL("../../gen/descriptors.binpb", import.meta.url);
const VERSIONS = ["v1", "v1alpha"];

type Message = unknown;
type Call = ServerDuplexStream<Message, Message>;
type Handler = (call: Call) => void;

interface Method {
  readonly definition: MethodDefinition<Message, Message>;
  readonly handle: Handler;
}

/** The files of a `FileDescriptorSet`, still encoded. */
function filesIn(set: Uint8Array): Buffer[] {
  const reader = new BinaryReader(set);
  const files: Buffer[] = [];
  while (reader.pos < reader.len) {
    reader.tag();
    files.push(Buffer.from(reader.bytes()));
  }
  return files;
}

async function loadMethods(): Promise<Methods> {
  const [{ ReflectionService }, set] = await Promise.all([import("@grpc/reflection"), readFile(DESCRIPTORS)]);
  const methods = new Map<string, Method>();
  const addService = (
    service: Record<string, MethodDefinition<Message, Message>>,
    by: UntypedServiceImplementation,
  ) => {
    for (const [name, definition] of Object.entries(service)) {
      const handle = by[name] as Handler | undefined;
      if (handle !== undefined) methods.set(definition.path, { definition, handle });
    }
  };
  // Of a definition, only its files are read.
  const all = {
    format: "Protocol Buffer 3 EnumDescriptorProto",
    type: {},
    fileDescriptorProtos: filesIn(set),
  } as const;
  new ReflectionService({ all }).addToServer({ addService });
  return methods;
}

/** By path. */
type Methods = ReadonlyMap<string, Method>;

export interface Reflection {
  /** Ends every call, and from now on each new one. */
  drain(): void;
}

/** Server reflection (B13). It takes long to load and is seldom used, so it is loaded by its first call. */
export function serveReflection(server: Pick<Server, "register">, log: Log, load = loadMethods): Reflection {
  const calls = createSideCalls<Call>();
  let loading: Promise<Methods> | undefined;
  const methods = (): Promise<Methods> => {
    loading ??= load().catch((error: unknown) => {
      loading = undefined; // what failed once may work for the next call
      throw error;
    });
    return loading;
  };
  for (const version of VERSIONS) {
    const path = `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`;
    let method: Method | undefined;
    const open = async (call: Call): Promise<void> => {
      calls.add(call);
      method = (await methods()).get(path);
      if (calls.open.has(call)) method?.handle(call);
    };
    // Nothing is read from the call before `handle` begins to, so no message comes before its codec.
    server.register<Message, Message>(
      path,
      (call: Call) => {
        open(call).catch((error: unknown) => {
          log.error("reflection cannot be served", { error });
          calls.end(call, "internal error");
        });
      },
      (message) => method?.definition.responseSerialize(message) ?? Buffer.alloc(0),
      (bytes) => method?.definition.requestDeserialize(bytes),
      "bidi",
    );
  }
  return { drain: calls.drain };
}
