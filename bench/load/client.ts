import { connect, type Socket } from "node:net";
import { Node } from "../../gen/envoy/config/core/v3/base.ts";
import { DiscoveryRequest, DiscoveryResponse } from "../../gen/envoy/service/discovery/v3/discovery.ts";
import type { TypeUrl } from "../../snapshots/type-url.ts";
import {
  ACK,
  createFrameReader,
  createMessageReader,
  DATA,
  END_STREAM,
  type Frame,
  frameBytes,
  GO_AWAY,
  HEADERS,
  messageBytes,
  openingBytes,
  PING,
  RESET,
  SETTINGS,
  windowBytes,
} from "./frames.ts";

const OPENING = openingBytes("/envoy.service.discovery.v3.AggregatedDiscoveryService/StreamAggregatedResources");

/** Windows are given back when half of HTTP/2's first 64 KiB are used, as real clients do. */
const WINDOW_STEP = 32 * 1024;

export interface ClientOptions {
  readonly port: number;
  readonly id: string;
  readonly zone: string;
  /** Asked for as each of the types, one after the other, as a gRPC client does. */
  readonly name: string;
  readonly types: readonly TypeUrl[];
  /** Every response was acknowledged once more; `served` when it was the first of the last type. */
  onAck(served: boolean): void;
  /** The connection or its stream has ended before `close`. Called once. */
  onLost(reason: string): void;
}

export interface Client {
  close(): void;
}

const EMPTY_REQUEST = DiscoveryRequest.create();

const nodeOf = ({ id, zone }: ClientOptions): Node =>
  Node.fromPartial({
    id,
    locality: { region: "bench", zone, subZone: "" },
    userAgentName: "gRPC bench",
    userAgentVersionType: { $case: "userAgentVersion", value: "1" },
  });

/** The client's side of the exchange: which request follows which response. */
function createExchange(options: ClientOptions, write: (bytes: Buffer) => void) {
  const { name, types, onAck } = options;
  let asked = 0;
  const send = (request: Partial<DiscoveryRequest>): void =>
    write(messageBytes(DiscoveryRequest.encode({ ...EMPTY_REQUEST, resourceNames: [name], ...request }).finish()));
  const ask = (): void => {
    const typeUrl = types[asked];
    if (typeUrl === undefined) return;
    send({ typeUrl, node: asked === 0 ? nodeOf(options) : undefined });
    asked += 1;
  };
  const answer = (bytes: Buffer): void => {
    const { typeUrl, versionInfo, nonce, resources } = DiscoveryResponse.decode(bytes);
    send({ typeUrl, versionInfo, responseNonce: nonce });
    const isFirst = typeUrl === types[asked - 1] && resources.length > 0 && first.delete(typeUrl);
    if (isFirst) ask();
    onAck(isFirst && first.size === 0);
  };
  const first = new Set<string>(types);
  return { ask, answer };
}

/** Why a frame ends the stream; undefined when it does not. */
function endingOf({ type, flags, payload }: Frame): string | undefined {
  if (type === RESET) return `RST_STREAM ${payload.readUInt32BE(0)}`;
  if (type === GO_AWAY) return `GOAWAY ${payload.readUInt32BE(4)}`;
  return (type === HEADERS || type === DATA) && (flags & END_STREAM) > 0 ? "stream ended" : undefined;
}

/** Counts what was read of the connection, and says when to give the windows back. */
function createWindow(write: (bytes: Buffer) => void): (bytes: number) => void {
  let used = 0;
  return (bytes) => {
    used += bytes;
    if (used < WINDOW_STEP) return;
    write(windowBytes(used));
    used = 0;
  };
}

function onceLost(socket: Socket, onLost: (reason: string) => void) {
  let isOver = false;
  return {
    lose: (reason: string): void => {
      if (isOver) return;
      isOver = true;
      socket.destroy();
      onLost(reason);
    },
    close: (): void => {
      isOver = true;
      socket.destroy();
    },
  };
}

/** One connection with one ADS stream, which acknowledges all that it is sent and decodes no resource. */
export function openClient(options: ClientOptions): Client {
  const socket = connect({ port: options.port, host: "127.0.0.1", noDelay: true });
  const write = (bytes: Buffer): void => {
    socket.write(bytes);
  };
  const { lose, close } = onceLost(socket, options.onLost);
  const exchange = createExchange(options, write);
  const readMessage = createMessageReader(exchange.answer);
  const use = createWindow(write);
  const readFrames = createFrameReader((frame) => {
    const ending = endingOf(frame);
    if (ending !== undefined) return lose(ending);
    if (frame.type === SETTINGS && (frame.flags & ACK) === 0) write(frameBytes(SETTINGS, ACK, 0));
    if (frame.type === PING && (frame.flags & ACK) === 0) write(frameBytes(PING, ACK, 0, frame.payload));
    if (frame.type !== DATA) return undefined;
    readMessage(frame.payload);
    return use(frame.payload.length);
  });
  write(OPENING);
  exchange.ask();
  socket.on("data", readFrames);
  socket.on("error", (error: NodeJS.ErrnoException) => lose(error.code ?? error.message));
  socket.on("close", () => lose("closed"));
  return { close };
}
