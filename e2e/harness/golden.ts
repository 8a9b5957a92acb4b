/** Manifests in, the text of a golden file out: what is served of them, and to whom. */
import { Document, isMap, isScalar, isSeq, visit } from "yaml";
import { parseManifests } from "../../server/sources/manifests/parse.ts";
import type { Feed, SourceEvent } from "../../server/sources/source.ts";
import { emptyStore, reduce, type Store } from "../../server/sources/store.ts";
import { UNKNOWN, type Zone, type ZoneClass, type ZoneKey } from "../../snapshots/balance/zone.ts";
import { derive } from "../../snapshots/derive/derive.ts";
import { emptyModel, type Model, type Workload } from "../../snapshots/derive/model.ts";
import { zoneClassOf } from "../../snapshots/derive/topology.ts";
import { unfollowed } from "../../snapshots/followed.ts";
import { canonicalListener } from "../../snapshots/listeners.ts";
import { listenerNames } from "../../snapshots/names.ts";
import type { KubernetesObject, ObjectKind } from "../../snapshots/objects.ts";
import { compare } from "../../snapshots/order.ts";
import { planFor } from "../../snapshots/plan.ts";
import type { Problem } from "../../snapshots/problem.ts";
import { type ClientKind, kindOf } from "../../snapshots/resources/client-kind.ts";
import { jsonOf } from "../../snapshots/resources/messages.ts";
import type { Resource } from "../../snapshots/resources/resource.ts";
import { nextSnapshot, type Snapshot } from "../../snapshots/snapshot.ts";
import { ASSIGNMENT, CLUSTER, LISTENER, ROUTE, shortName } from "../../snapshots/type-url.ts";
import { viewOf } from "../../snapshots/view.ts";

/** All objects there are, some seconds after the start. */
export interface Step {
  readonly file: string;
  readonly seconds: number;
  readonly text: string;
}

/** Streams by zone (`region/zone`), by cluster. */
export type Demand = Readonly<Record<string, Readonly<Record<string, number>>>>;

const KINDS: readonly ObjectKind[] = ["Service", "EndpointSlice", "Node", "Namespace"];
const FEEDS: readonly Feed[] = KINDS.map((kind) => ({ source: "manifests", kind }));
const SETTINGS = { clusterDomain: "cluster.local", removalGraceMs: 30_000 };

interface World {
  readonly store: Store;
  readonly model: Model;
  readonly snapshot: Snapshot | undefined;
}

const START: World = { store: emptyStore(FEEDS), model: emptyModel, snapshot: undefined };

const relist = (feed: Feed, objects: readonly KubernetesObject[]): readonly SourceEvent[] => [
  { kind: "init", feed },
  ...objects.filter(({ kind }) => kind === feed.kind).map((object) => ({ kind: "apply" as const, feed, object })),
  { kind: "ready", feed },
];

function burst({ file, text }: Step): readonly SourceEvent[] {
  const { objects, problems, readable } = parseManifests(text, file);
  const relists = FEEDS.flatMap((feed) => relist(feed, objects));
  return [...(readable ? relists : []), { kind: "problems", source: "manifests", problems }];
}

function streamsOf(demand: Demand, cluster: string): ReadonlyMap<ZoneKey, number> {
  const streams = Object.entries(demand[cluster] ?? {});
  return new Map(streams.map(([place, count]) => [place.replace("/", "\0"), count]));
}

function advance(world: World, step: Step, demand: Demand): World & { readonly snapshot: Snapshot } {
  const { store, touched } = reduce(world.store, burst(step));
  const { model, changed } = derive(
    {
      objects: store.objects,
      touched: { ...touched, all: world.snapshot === undefined },
      demand: (cluster) => streamsOf(demand, cluster),
      demandTouched: new Set(),
      now: step.seconds * 1000,
      settings: SETTINGS,
    },
    world.model,
  );
  return { store, model, snapshot: nextSnapshot(model, changed, world.snapshot, SETTINGS) };
}

const place = ({ region, zone }: Zone): string => `${region}/${zone}`;

function label(zoneClass: ZoneClass): string {
  if (zoneClass.node !== undefined) return `node ${zoneClass.node}`;
  return zoneClass.kind === "unknown" ? "unknown" : place(zoneClass.zone);
}

const distinct = (texts: Iterable<string>): readonly string[] => [...new Set(texts)].toSorted(compare);

/** Clients of unknown zone, of each zone that is heard of, and on each node where nodes matter. */
function zoneClasses({ model }: Snapshot, workload: Workload | undefined, demand: Demand): readonly ZoneClass[] {
  const nodes = distinct(model.topology.zoneOfNode.keys()).map((node) => zoneClassOf({ node }, model.topology));
  const mode = workload?.spec.policy.mode;
  if (mode === "local") return [UNKNOWN, ...nodes];
  const own = workload?.endpoints.map(({ zone }) => zone) ?? [];
  const asked = Object.keys(demand[workload?.spec.cluster ?? ""] ?? {});
  const places = distinct([...[...model.topology.zoneOfNode.values(), ...own].map(place), ...asked]);
  const zones = places
    .filter((one) => one !== "/")
    .map((one): ZoneClass => {
      const [region = "", zone = ""] = one.split("/");
      return { kind: "known", zone: { region, zone } };
    });
  if (workload === undefined) return [UNKNOWN];
  return [UNKNOWN, ...zones, ...(mode === "prefer-node" ? nodes : [])];
}

/** The kinds that stand for what differs; e2e/kinds.test.ts has one case for every kind. */
type Shown = Extract<ClientKind, "grpc" | "envoy">;

/** A resource with whom it is for. */
interface Given {
  readonly resource: Resource;
  readonly form: Shown;
  readonly to: string;
}

const shown = ({ resource, to }: Omit<Given, "form">) => ({
  type: shortName(resource.typeUrl),
  name: resource.name,
  for: to,
  version: resource.version,
  message: jsonOf(resource.typeUrl, resource.bytes),
});

/** The assignments of one cluster in one form; the zone classes that are given the same stand together. */
function assignments(snapshot: Snapshot, name: string, form: Shown, demand: Demand): readonly object[] {
  const given = zoneClasses(snapshot, snapshot.workloads.get(name), demand).flatMap((zoneClass) => {
    const resource = viewOf(snapshot, zoneClass, form).get(ASSIGNMENT, name);
    return resource === undefined ? [] : [{ resource, to: label(zoneClass) }];
  });
  return [...Map.groupBy(given, ({ resource }) => resource.version).values()].flatMap((group) => {
    const [first] = group;
    const to = `${form} in ${group.map((one) => one.to).join(", ")}`;
    return first === undefined ? [] : [shown({ resource: first.resource, to })];
  });
}

const FORMS: readonly Shown[] = ["grpc", "envoy"];

function resourcesOf(snapshot: Snapshot, name: string, demand: Demand): readonly object[] {
  const given = FORMS.flatMap((form) =>
    ([LISTENER, ROUTE, CLUSTER] as const).flatMap((typeUrl) => {
      const resource = viewOf(snapshot, UNKNOWN, form).get(typeUrl, name);
      return resource === undefined ? [] : [{ resource, form }];
    }),
  );
  const once = [...Map.groupBy(given, ({ resource }) => resource)].map(([resource, forms]) =>
    shown({ resource, to: forms.map(({ form }) => form).join(", ") }),
  );
  return [...once, ...FORMS.flatMap((form) => assignments(snapshot, name, form, demand))];
}

/** The listener names of every Service, each with the route that it leads to. */
function namesOf(snapshot: Snapshot): Readonly<Record<string, string>> {
  const view = viewOf(snapshot, UNKNOWN, "grpc");
  const entries = [...snapshot.model.services.values()].flatMap((entry) => {
    const names = listenerNames(entry, snapshot.clusterDomain).filter((name) => view.get(LISTENER, name));
    const led = names.map((name) => [name, canonicalListener(snapshot, name)?.name ?? ""] as const);
    return entry.notServed === undefined
      ? led
      : [[`${entry.name}.${entry.namespace}`, `not served: ${entry.notServed}`] as const, ...led];
  });
  return Object.fromEntries(entries.toSorted(([a], [b]) => compare(a, b)));
}

/** Of sources, of Services, and of the plan for any class of clients. */
function problemsOf({ store, snapshot }: World & { readonly snapshot: Snapshot }, demand: Demand): readonly string[] {
  const plans = [...snapshot.workloads.values()].flatMap((workload) =>
    zoneClasses(snapshot, workload, demand).flatMap((zoneClass) => planFor(workload, zoneClass).problem ?? []),
  );
  const all: readonly Problem[] = [...store.problems.values(), ...snapshot.problems.values(), plans].flat();
  return distinct(all.map(({ object, code, message }) => `${object}: ${code}: ${message}`));
}

/** These stand on one line, and so does each of their items. */
const ON_ONE_LINE: readonly unknown[] = ["locality", "lbEndpoints"];

function compacted(document: Document): string {
  const narrow = (node: unknown): void => {
    if (isMap(node)) node.flow = true;
    if (isSeq(node)) node.items.forEach(narrow);
  };
  visit(document, {
    Pair: (_, { key, value }) => {
      if (isScalar(key) && ON_ONE_LINE.includes(key.value)) narrow(value);
    },
  });
  return document.toString({ lineWidth: 0 });
}

/** Walks through the steps of a case, and shows after each all that is served. */
export function goldenText(steps: readonly Step[], demand: Demand): string {
  let world = START;
  const documents = steps.map((step) => {
    const reached = advance(world, step, demand);
    world = reached;
    const { snapshot } = reached;
    const clusters = distinct([...snapshot.published.keys(), ...snapshot.retired.keys()]);
    const document = new Document(
      {
        problems: problemsOf(reached, demand),
        names: namesOf(snapshot),
        resources: clusters.flatMap((name) => resourcesOf(snapshot, name, demand)),
      },
      { aliasDuplicateObjects: false },
    );
    document.commentBefore = ` ${step.file}`;
    return compacted(document);
  });
  return documents.join("---\n");
}

/** What clients of one kind are told of one cluster, in a zone, and what is known of that kind. */
export function kindText(kind: ClientKind, step: Step, demand: Demand, seen: ZoneClass, name: string): string {
  const { snapshot } = advance(START, step, demand);
  const view = viewOf(snapshot, seen, kind);
  const policy = snapshot.workloads.get(name)?.spec.policy;
  const { title, agent = "none", differs } = kindOf(kind);
  const resources = ([LISTENER, ROUTE, CLUSTER, ASSIGNMENT] as const).flatMap((typeUrl) => {
    const resource = view.get(typeUrl, name);
    return resource === undefined ? [] : [shown({ resource, to: `${kind} in ${label(seen)}` })];
  });
  const follows = policy === undefined ? [] : unfollowed(kind, "", policy);
  return compacted(new Document({ kind, title, agent, differs, unfollowed: follows, resources }));
}
