import type { Violation } from "../gen/validate/runtime.ts";
import type { PortSpec } from "./derive/model.ts";
import type { ClusterForm, RouteForm } from "./resources/client-kind.ts";
import { cluster } from "./resources/cluster.ts";
import { clientListener } from "./resources/listener.ts";
import { clusterType, listenerType, routeType } from "./resources/messages.ts";
import { type Checked, checked, type Resource } from "./resources/resource.ts";
import { route } from "./resources/route.ts";

/** The resources of one workload that do not depend on who asks, checked and encoded. */
export interface Published {
  readonly listener: Resource;
  /** As gRPC has it; `routeIn` has it in other forms as well. */
  readonly route: Resource;
  /** In the forms that many ask for; `clusterIn` has the others as well. */
  readonly cluster: Readonly<Record<"grpc" | "envoy", Resource>>;
}

const resourcesOf = ({ listener, route, cluster }: Published): readonly Resource[] => [
  listener,
  route,
  cluster.grpc,
  cluster.envoy,
];

const checksOf = (spec: PortSpec): readonly Checked[] => [
  checked(listenerType, spec.cluster, clientListener(spec)),
  checked(routeType, spec.cluster, route(spec, "grpc")),
  checked(clusterType, spec.cluster, cluster(spec, "grpc")),
  checked(clusterType, spec.cluster, cluster(spec, "envoy")),
];

const passedIn = (made: Checked): readonly Resource[] => (made.kind === "passed" ? [made.resource] : []);
const violationsIn = (made: Checked): readonly Violation[] => (made.kind === "refused" ? made.violations : []);

/** Unchanged means identical: a resource made again with equal bytes stays the object that it was. */
const kept = (before: Resource | undefined, made: Resource): Resource =>
  before?.version === made.version ? before : made;

/** What was made of a spec: all of it, or the rules that it breaks. */
export interface Made {
  readonly published: Published | undefined;
  readonly violations: readonly Violation[];
}

/** Builds all that depends on the spec alone; none of it is used unless all of it passes its checks. */
export function publish(spec: PortSpec, previous: Published | undefined): Made {
  const checks = checksOf(spec);
  const before = previous === undefined ? [] : resourcesOf(previous);
  const made = checks.flatMap(passedIn).map((resource, i) => kept(before[i], resource));
  const [listener, routing, grpc, envoy] = made;
  if (!(listener && routing && grpc && envoy)) {
    return { published: undefined, violations: checks.flatMap(violationsIn) };
  }
  const isSame = made.every((resource, i) => resource === before[i]);
  return {
    published: isSame && previous ? previous : { listener, route: routing, cluster: { grpc, envoy } },
    violations: [],
  };
}

/** What few ask for, by what it was made with; undefined where its checks refuse it. */
type Memory<Form> = WeakMap<Published, Map<Form, Resource | undefined>>;

const routes: Memory<RouteForm> = new WeakMap();
const clusters: Memory<ClusterForm> = new WeakMap();

/** What it was made of, looked up only for what few ask for. */
export type SpecOf = () => PortSpec | undefined;

interface Making<Form> {
  readonly memory: Memory<Form>;
  readonly specOf: SpecOf;
  readonly make: (spec: PortSpec) => Checked;
  /** What gRPC has: where a form has nothing of its own to say, it is the same object. */
  readonly grpc: Resource;
}

/** What few ask for is made when it is first asked for. */
function remembered<Form>(form: Form, published: Published, { memory, specOf, make, grpc }: Making<Form>) {
  const byForm = memory.get(published) ?? new Map<Form, Resource | undefined>();
  memory.set(published, byForm);
  const spec = byForm.has(form) ? undefined : specOf();
  if (spec !== undefined) {
    const made = make(spec);
    byForm.set(form, made.kind === "passed" ? kept(grpc, made.resource) : undefined);
  }
  return byForm.get(form);
}

/** The route in one form. Undefined if its checks refuse it: it is then left out. */
export function routeIn(form: RouteForm, published: Published, specOf: SpecOf): Resource | undefined {
  const grpc = published.route;
  if (form === "grpc") return grpc;
  const make = (spec: PortSpec): Checked => checked(routeType, spec.cluster, route(spec, form));
  return remembered(form, published, { memory: routes, specOf, make, grpc });
}

/** The cluster in one form. Undefined if its checks refuse it: it is then left out. */
export function clusterIn(form: ClusterForm, published: Published, specOf: SpecOf): Resource | undefined {
  const { grpc, envoy } = published.cluster;
  if (form === "grpc") return grpc;
  if (form === "envoy") return envoy;
  const make = (spec: PortSpec): Checked => checked(clusterType, spec.cluster, cluster(spec, form));
  return remembered(form, published, { memory: clusters, specOf, make, grpc });
}
