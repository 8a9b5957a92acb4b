import {
  ClientAnswer,
  ClientParams,
  ClientsAnswer,
  ClientsQuery,
  HealthAnswer,
  IndexAnswer,
  MissingAnswer,
  MissingQuery,
  NoQuery,
  Nothing,
  ProblemsAnswer,
  ProblemsQuery,
  ReadyAnswer,
  ReadyQuery,
  SnapshotAnswer,
  SnapshotQuery,
} from "./api.ts";
import { ChangesAnswer, ChangesQuery } from "./api-changes.ts";
import { ResolveAnswer, ResolveQuery } from "./api-resolve.ts";
import { ServiceAnswer, ServiceParams, ServicesAnswer, ServicesQuery } from "./api-services.ts";
import { SimulateAnswer, SimulateBody } from "./api-simulate.ts";
import { audienceOf } from "./audience.ts";
import { changeList } from "./changes-view.ts";
import { clientList, oneClient } from "./client-view.ts";
import { missingList } from "./missing-view.ts";
import { problemList } from "./problem-view.ts";
import { readiness } from "./ready-view.ts";
import { resolution } from "./resolve-view.ts";
import { resourceList } from "./resource-view.ts";
import { found, type Route, route, whenServing } from "./route.ts";
import { isOn } from "./schema.ts";
import { oneService, serviceList } from "./service-view.ts";
import { simulation } from "./simulate-view.ts";

const health = route({
  path: "/healthz",
  summary: "200 while the process answers at all",
  params: Nothing,
  query: NoQuery,
  answer: HealthAnswer,
  respond: () => found({ status: "ok" as const }),
});

const ready = route({
  path: "/readyz",
  summary: "200 while new streams are answered, else 503; ?verbose lists sources, feeds, xDS and draining",
  params: Nothing,
  query: ReadyQuery,
  answer: ReadyAnswer,
  unavailable: ReadyAnswer,
  respond: (world, { query }) => readiness(world, isOn(query.verbose)),
});

const services = route({
  path: "/v1/services",
  summary: "every Service: ports, names, endpoints in and out, clients, problems; ?namespace=",
  params: Nothing,
  query: ServicesQuery,
  answer: ServicesAnswer,
  respond: whenServing((world, { query }) => serviceList(world, query)),
});

const service = route({
  path: "/v1/services/:namespace/:name",
  summary: "one Service: names, policy, endpoints by zone and why each is in or out, the flow between zones, problems",
  params: ServiceParams,
  query: NoQuery,
  answer: ServiceAnswer,
  respond: whenServing((world, { params }) => oneService(world, params)),
});

const resolve = route({
  path: "/v1/services/:namespace/:name/resolve",
  summary: "who serves a client of some place, and why; ?port= ?region= ?zone= ?node= ?kind=",
  params: ServiceParams,
  query: ResolveQuery,
  answer: ResolveAnswer,
  respond: whenServing(({ published }, { params, query }) => resolution(published, params, query)),
});

const simulate = route({
  path: "/v1/simulate",
  summary: "POST: who would serve whom with other objects, zones gone, Services scaled, other clients; changes nothing",
  params: Nothing,
  query: NoQuery,
  body: SimulateBody,
  answer: SimulateAnswer,
  respond: whenServing(({ published, roster, steadyNow, simulating }, { body }) =>
    simulation({ ...simulating, published, audience: audienceOf(roster), now: steadyNow }, body),
  ),
});

const clients = route({
  path: "/v1/clients",
  summary: "every stream, by node id: in sync, stale, refused or waiting, per type; ?kind= ?zone= ?state=",
  params: Nothing,
  query: ClientsQuery,
  answer: ClientsAnswer,
  respond: (world, { query }) => clientList(world, query),
});

const client = route({
  path: "/v1/clients/:id",
  summary: "one stream: its node, zone and where it came from, and per type what it asked for, was sent and answered",
  params: ClientParams,
  query: NoQuery,
  answer: ClientAnswer,
  respond: (world, { params }) => oneClient(world, params.id),
});

const snapshot = route({
  path: "/v1/snapshot",
  summary: "resources as JSON, as a client sees them; ?type= ?name= ?region= ?zone= ?node= ?kind=",
  params: Nothing,
  query: SnapshotQuery,
  answer: SnapshotAnswer,
  respond: whenServing((world, { query }) => resourceList(world, query)),
});

const problems = route({
  path: "/v1/problems",
  summary: "what is wrong in objects and files, and who found it; ?code= ?namespace=",
  params: Nothing,
  query: ProblemsQuery,
  answer: ProblemsAnswer,
  respond: whenServing((world, { query }) => problemList(world, query)),
});

const missing = route({
  path: "/v1/subscriptions/missing",
  summary: "names that clients ask for and nobody has: since when, what they may mean and what to change",
  params: Nothing,
  query: MissingQuery,
  answer: MissingAnswer,
  respond: whenServing((world, { query }) => missingList(world, query)),
});

const changes = route({
  path: "/v1/changes",
  summary:
    "the newest 1,000 changes: what, how many clients, how long until the last of them had it, and which that was",
  params: Nothing,
  query: ChangesQuery,
  answer: ChangesAnswer,
  respond: (world, { query }) => changeList(world, query),
});

const below: readonly Route[] = [
  services,
  service,
  resolve,
  simulate,
  clients,
  client,
  changes,
  snapshot,
  problems,
  missing,
];

export const METRICS = { path: "/metrics", summary: "metrics for Prometheus" } as const;
export const OPENAPI = { path: "/openapi.json", summary: "this API as an OpenAPI 3.1 document" } as const;

const index: Route = route({
  path: "/v1",
  summary: "this list",
  params: Nothing,
  query: NoQuery,
  answer: IndexAnswer,
  respond: ({ version }) =>
    found({
      version,
      routes: [health, ready, METRICS, OPENAPI, index, ...below].map(({ path, summary }) => ({
        path: shownPath(path),
        summary,
      })),
    }),
});

/** `:id` as `{id}`, the way that people and OpenAPI write it. */
const shownPath = (path: string): string => path.replace(/:(\w+)/g, "{$1}");

/** Every question that is answered by a view, in the order of the index. */
export const ROUTES: readonly Route[] = [health, ready, index, ...below];
