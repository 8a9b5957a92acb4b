import fc from "fast-check";
import { expect, test } from "vitest";
import { anyClass, anyWarming, anyWorkload } from "../../e2e/harness/workloads.ts";
import { validateClusterLoadAssignment } from "../../gen/envoy/config/endpoint/v3/endpoint.validate.ts";
import { planFor } from "../plan.ts";
import { assignment } from "../resources/assignment.ts";
import { type ClientKind, formOf } from "../resources/client-kind.ts";
import { grpcRules } from "../resources/grpc-rules.ts";
import { assignmentType } from "../resources/messages.ts";
import { ramped } from "./warming.ts";

const kinds = fc.constantFrom<ClientKind>("grpc", "envoy", "other");

test("G1 to G9: whatever the mode, what is sent to any client of any kind passes Envoy's validators and gRPC's rules", () => {
  fc.assert(
    fc.property(fc.oneof(anyWorkload, anyWarming), anyClass, kinds, (workload, zoneClass, kind) => {
      const plan = ramped(planFor(workload, zoneClass), workload);
      const made = assignment(workload.spec.cluster, plan, formOf(kind));
      const read = made.kind === "passed" ? assignmentType.decode(made.resource.bytes) : undefined;
      expect(read?.clusterName).toBe("greeter.default:8080");
      expect(read && [...validateClusterLoadAssignment(read), ...grpcRules(read)]).toEqual([]);
    }),
    { numRuns: 10_000 },
  );
}, 120_000);
