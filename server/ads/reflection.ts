import { readFile } from "node:fs/promises";
import { BinaryReader } from "@bufbuild/protobuf/wire";
import type { MethodDefinition, UntypedServiceImplementation } from "@grpc/grpc-js";
import type { ServerCall } from "../grpc/call.ts";
import { frameOf } from "../grpc/framing.ts";
import type { GrpcServer } from "../grpc/server.ts";
import { STATUS } from "../grpc/status.ts";
import type { Log } from "../log.ts";
import { statusOf } from "./ending.ts";
import { createSideCalls } from "./side-calls.ts";

/** Written by `npm run gen`: the services that are served, and all that they refer to. */
const DESCRIPTORS = new URL("../../gen/descriptors.binpb", import.meta.url);
const VERSIONS = ["v1", "v1alpha"];

type Message = unknown;

/** As much of a call of grpc-js as the package uses. */
interface Stream {
  on(event: "data", take: (message: Message) => void): void;
  on(event: "end", take: () => void): void;
  write(message: Message): void;
  end(): void;
}

interface Method {
  readonly definition: MethodDefinition<Message, Message>;
  readonly handle: (stream: Stream) => void;
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
      const handle = by[name] as Method["handle"] | undefined;
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

const NOTHING = (): void => {};

/** Has `method` serve a call, whose messages have waited for it. */
function handle(call: ServerCall, { definition, handle }: Method, closed: () => void): void {
  const heard: { data: (message: Message) => void; end: () => void } = { data: NOTHING, end: NOTHING };
  handle({
    on: (event: "data" | "end", take: (message?: Message) => void) => {
      heard[event] = take;
    },
    write: (message) => call.write(frameOf(definition.responseSerialize(message))),
    end: () => call.end({ code: STATUS.OK, details: "" }),
  });
  call.listen({
    message: (bytes) => {
      try {
        heard.data(definition.requestDeserialize(bytes));
      } catch {
        call.end(statusOf("the request cannot be decoded")); // the package answers all that it can read
      }
    },
    halfClosed: () => heard.end(),
    closed,
  });
}

/** Server reflection (B13). It takes long to load and is seldom used, so it is loaded by its first call. */
export function serveReflection(server: Pick<GrpcServer, "register">, log: Log, load = loadMethods): Reflection {
  const calls = createSideCalls();
  let loading: Promise<Methods> | undefined;
  const methods = (): Promise<Methods> => {
    loading ??= load().catch((error: unknown) => {
      loading = undefined; // what failed once may work for the next call
      throw error;
    });
    return loading;
  };
  const open = async (call: ServerCall, path: string): Promise<void> => {
    const closed = (): void => calls.closed(call);
    call.listen({ message: NOTHING, halfClosed: NOTHING, closed });
    call.pause();
    calls.add(call);
    const method = (await methods()).get(path);
    if (method === undefined) throw new Error(`${path} is not in the package`);
    if (!calls.open.has(call)) return;
    handle(call, method, closed);
    call.resume();
  };
  for (const version of VERSIONS) {
    const path = `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`;
    server.register(path, (call) => {
      open(call, path).catch((error: unknown) => {
        log.error("reflection cannot be served", { error });
        calls.end(call, "internal error");
      });
    });
  }
  return { drain: calls.drain };
}
