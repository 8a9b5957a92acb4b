import { BinaryWriter } from "@bufbuild/protobuf/wire";
import { Metadata } from "@grpc/grpc-js";
import fc from "fast-check";
import { expect, test } from "vitest";
import { reportedLoad } from "./orca.ts";

interface Report {
  readonly cpu?: number;
  readonly application?: number;
}

/** A report as backends write it, with fields around the two that count. */
function reported({ cpu, application }: Report): Uint8Array {
  const writer = new BinaryWriter();
  if (cpu !== undefined) writer.tag(1, 1).double(cpu);
  writer.tag(2, 1).double(0.7); // memory
  writer.tag(3, 0).uint64(12); // requests per second, the old way
  writer.tag(8, 2).string("a named metric");
  if (application !== undefined) writer.tag(9, 1).double(application);
  return writer.finish();
}

function trailers(report: Uint8Array): Metadata {
  const metadata = new Metadata();
  metadata.set("endpoint-load-metrics-bin", Buffer.from(report));
  return metadata;
}

const loadOf = (report: Report): number | undefined => reportedLoad(trailers(reported(report)));

test.each([
  ["the application's utilisation wins over the processor's", { cpu: 0.9, application: 0.4 }, 0.4],
  ["without the application's, the processor's counts", { cpu: 0.9 }, 0.9],
  ["an application's of zero is none", { cpu: 0.9, application: 0 }, 0.9],
  ["an application's below zero is none", { cpu: 0.9, application: -1 }, 0.9],
  ["an application's that is no number is none", { cpu: 0.9, application: Number.NaN }, 0.9],
  ["an application's without end is none", { cpu: 0.9, application: Number.POSITIVE_INFINITY }, 0.9],
  ["more than 1 is a pod beyond its limits", { application: 1.8 }, 1.8],
  ["of neither, nothing is known", {}, undefined],
  ["a processor's of zero says nothing", { cpu: 0 }, undefined],
])("%s", (_, report, load) => {
  expect(loadOf(report)).toBe(load);
});

test("trailers without a report say nothing", () => {
  expect(reportedLoad(new Metadata())).toBeUndefined();
});

test("a report cut off inside a field says nothing, and never throws", () => {
  const whole = reported({ cpu: 0.9, application: 0.4 });
  expect(reportedLoad(trailers(whole.subarray(0, whole.length - 1)))).toBeUndefined();
});

test("of any bytes comes a positive number or nothing", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      const load = reportedLoad(trailers(bytes)) ?? 1;
      expect(load > 0 && Number.isFinite(load)).toBe(true);
    }),
  );
});
