import type { Service } from "../objects.ts";
import type { Problem } from "../problem.ts";

/** A problem that the owner of a Service is shown. */
export const serviceProblem = (
  { namespace, name }: Pick<Service, "namespace" | "name">,
  code: string,
  message: string,
): Problem => ({ object: `Service ${namespace}/${name}`, code, message });
