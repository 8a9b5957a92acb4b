import { BinaryReader } from "@bufbuild/protobuf/wire";
import type { Metadata } from "@grpc/grpc-js";

const HEADER = "endpoint-load-metrics-bin";
const CPU = 1;
const APPLICATION = 9;
const DOUBLE = 1;

/** The fields of a report that are plain numbers, by field number. */
function numbers(report: Uint8Array): ReadonlyMap<number, number> {
  const reader = new BinaryReader(report);
  const found = new Map<number, number>();
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (wireType === DOUBLE) found.set(field, reader.double());
    else reader.skip(wireType);
  }
  return found;
}

/** The utilisation in the bytes of an `xds.data.orca.v3.OrcaLoadReport`: the application's, else the processor's. */
function utilisation(report: Uint8Array): number | undefined {
  const found = numbers(report);
  return [found.get(APPLICATION), found.get(CPU)].find((load = 0) => load > 0 && Number.isFinite(load));
}

/** What the trailers of an answer say of their sender's load; undefined when nothing, or nothing that can be read. */
export function reportedLoad(trailers: Metadata): number | undefined {
  const [report] = trailers.get(HEADER);
  if (!(report instanceof Uint8Array)) return undefined;
  try {
    return utilisation(report);
  } catch {
    return undefined; // a report is advice; one that is garbled is no advice
  }
}
