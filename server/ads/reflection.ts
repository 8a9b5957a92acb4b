import { readFile } from "node:fs/promises";
import { BinaryReader } from "@bufbuild/protobuf/wire";
import type { MethodDefinition, Server, ServerDuplexStream, UntypedServiceImplementation } from "@grpc/grpc-js";
import type { Log } from "../log.ts";
import { statusOf } from "./ending.ts";

/** Written by `npm run gen`: the services that are served, and all that they refer to. */
const DESCRIPTORS = new URL("../../gen/descriptors.binpb", import.meta.url);
const VERSIONS = ["v1", "v1alpha"];

type Message = unknown;
type Handler = (call: ServerDuplexStream<Message, Message>) => void;

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

async function load(): Promise<ReadonlyMap<string, Method>> {
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

/** Server reflection (B13). It takes long to load and is seldom used, so it is loaded by its first call. */
export function serveReflection(server: Server, log: Log): void {
  let loading: Promise<ReadonlyMap<string, Method>> | undefined;
  for (const version of VERSIONS) {
    const path = `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`;
    let method: Method | undefined;
    const open = async (call: ServerDuplexStream<Message, Message>): Promise<void> => {
      loading ??= load();
      method = (await loading).get(path);
      method?.handle(call);
    };
    // Nothing is read from the call before `handle` begins to, so no message comes before its codec.
    server.register<Message, Message>(
      path,
      (call: ServerDuplexStream<Message, Message>) => {
        open(call).catch((error: unknown) => {
          log.error("reflection cannot be served", { error });
          call.emit("error", statusOf("internal error"));
        });
      },
      (message) => method?.definition.responseSerialize(message) ?? Buffer.alloc(0),
      (bytes) => method?.definition.requestDeserialize(bytes),
      "bidi",
    );
  }
}
