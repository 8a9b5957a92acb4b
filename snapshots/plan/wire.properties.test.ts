import fc from "fast-check";
import { expect, test } from "vitest";
import { anyClass, anyWarming, anyWorkload } from "../../e2e/harness/workloads.ts";
import { validateClusterLoadAssignment } from "../../gen/envoy/config/endpoint/v3/endpoint.validate.ts";
import { planIn } from "../assignments.ts";
import { assignment } from "../resources/assignment.ts";
import { CLIENT_KINDS, kindOf } from "../resources/client-kind.ts";
import { grpcRules } from "../resources/grpc-rules.ts";
import { assignmentType } from "../resources/messages.ts";

const kinds = fc.constantFrom(...CLIENT_KINDS.keys());

test("G1 to G9: whatever the mode, what is sent to any client of any kind passes Envoy's validators and gRPC's rules", () => {
  fc.assert(
    fc.property(fc.oneof(anyWorkload, anyWarming), anyClass, kinds, (workload, zoneClass, kind) => {
      const form = kindOf(kind).assignment;
      const made = assignment(workload.spec.cluster, planIn(form, workload, zoneClass), form);
      const read = made.kind === "passed" ? assignmentType.decode(made.resource.bytes) : undefined;
      expect(read?.clusterName).toBe("greeter.default:8080");
      expect(read && [...validateClusterLoadAssignment(read), ...grpcRules(read)]).toEqual([]);
    }),
    { numRuns: 10_000 },
  );
}, 120_000);
