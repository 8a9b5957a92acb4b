import type { AddressInfo, Socket } from "node:net";
import swagger, { type FastifyDynamicSwaggerOptions } from "@fastify/swagger";
import { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from "fastify";
import type { Address } from "../address.ts";
import type { Clock } from "../clock.ts";
import type { Convergence } from "../convergence.ts";
import type { CurrentReader } from "../current.ts";
import type { Log } from "../log.ts";
import type { Metrics } from "../metrics.ts";
import type { Roster } from "../roster.ts";
import type { PipelineStatus } from "../status.ts";
import { ErrorAnswer, MetricsAnswer, NoQuery, Nothing, OpenApiAnswer } from "./api.ts";
import { setGauges } from "./gauges.ts";
import { isLoopback, refusalOf } from "./guard.ts";
import { invalidQuery, type SchemaError } from "./invalid.ts";
import { type Failure, failure, type Outcome, type Route, type World } from "./route.ts";
import { METRICS, OPENAPI, ROUTES } from "./routes.ts";
import { isOn } from "./schema.ts";
import type { Simulating } from "./simulate-view.ts";

export interface AdminOptions {
  readonly listen: Address;
  readonly current: CurrentReader;
  readonly roster: Roster;
  readonly convergence: Pick<Convergence, "recent">;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly clock: Clock;
  readonly status: () => PipelineStatus;
  readonly version: string;
  readonly isDraining: () => boolean;
  readonly simulating: Simulating;
}

/** Who asks slowly, reads slowly or holds many connections costs this much and no more. */
const LIMITS = {
  headerBytes: 16_384,
  connections: 256,
  requestTimeoutMs: 10_000,
  checkTimeoutsMs: 2000,
  idleTimeoutMs: 30_000,
  keepAliveTimeoutMs: 10_000,
  pathParameterCharacters: 1024,
  bodyBytes: 2 ** 20,
} as const;

const send = (reply: FastifyReply, { status, answer }: Outcome<unknown>) => reply.code(status).send(answer);

const worldOf = ({ current, status, isDraining, clock, ...options }: AdminOptions): World => ({
  ...options,
  published: current.get(),
  status: status(),
  draining: isDraining(),
  now: clock.wall(),
  steadyNow: clock.now(),
});

type Schemas = Pick<Route, "path" | "summary" | "params" | "query" | "body"> & { readonly response: object };
type Handler = (request: FastifyRequest, reply: FastifyReply) => unknown;

/** Calls the handler only for what fits the schemas. */
function mount(app: FastifyInstance, schemas: Schemas, handler: Handler): void {
  const { path, summary, params, query, body, response } = schemas;
  app.route({
    method: body === undefined ? "GET" : "POST",
    url: path,
    config: { body },
    schema: { summary, params, querystring: query, response: { ...response, "4xx": ErrorAnswer, "5xx": ErrorAnswer } },
    attachValidation: true,
    handler: (request, reply) => {
      const error: SchemaError | undefined = request.validationError?.validation[0];
      return error === undefined ? handler(request, reply) : send(reply, invalidQuery(query, error, request.query));
    },
  });
}

function mountRoute(app: FastifyInstance, route: Route, options: AdminOptions): void {
  const { answer, unavailable, summary } = route;
  const ok = { 200: { ...answer, description: summary } };
  const response = unavailable === undefined ? ok : { ...ok, 503: { ...unavailable, description: "not ready" } };
  mount(app, { ...route, response }, ({ params, query, body }, reply) =>
    send(reply, route.respond(worldOf(options), { params, query, body })),
  );
}

function mountMetrics(app: FastifyInstance, { metrics, current, roster }: AdminOptions): void {
  const content = { "text/plain": { schema: MetricsAnswer } };
  const response = { 200: { description: METRICS.summary, content } };
  mount(app, { ...METRICS, params: Nothing, query: Nothing, response }, async (_, reply) => {
    setGauges(metrics, current.get(), roster);
    return reply.type(metrics.registry.contentType).send(await metrics.registry.metrics());
  });
}

function mountOpenApi(app: FastifyInstance): void {
  const response = { 200: { ...OpenApiAnswer, description: OPENAPI.summary } };
  mount(app, { ...OPENAPI, params: Nothing, query: NoQuery, response }, (_, reply) => reply.send(app.swagger()));
}

/** On 0.0.0.0 it is the connection that tells: what `kubectl port-forward` brings comes to the pod's loopback. */
const overLoopback = (listen: Address, { localAddress = "" }: Socket): boolean =>
  isLoopback(listen.host) || isLoopback(localAddress);

function addHooks(app: FastifyInstance, { listen, log }: AdminOptions): void {
  app.addHook("onRequest", async (request, reply) => {
    reply.headers({ "cache-control": "no-store", "x-content-type-options": "nosniff" });
    const { method, url, headers, routeOptions, socket } = request;
    const refusal = refusalOf({ method, url, headers, route: routeOptions.url }, overLoopback(listen, socket));
    if (refusal === undefined) return;
    // What would follow on this connection is a body that nobody reads.
    reply.header("connection", "close");
    return send(reply, refusal);
  });
  app.addHook("onSend", async (request, reply, payload) => {
    const { pretty } = request.query as { readonly pretty?: unknown };
    const isJson = String(reply.getHeader("content-type")).startsWith("application/json");
    if (!isJson || typeof payload !== "string" || !isOn(pretty)) return payload;
    return `${JSON.stringify(JSON.parse(payload), undefined, 2)}\n`;
  });
  app.setNotFoundHandler((request, reply) => send(reply, notFound(app, request)));
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const unread = unreadBody(error);
    if (unread !== undefined) return send(reply, unread);
    log.error("an admin request failed", { url: request.url.slice(0, 200), error: String(error), stack: error.stack });
    return send(reply, failure(500, "internal", "this is a bug in evenkeel; its log says more"));
  });
}

function notFound(app: FastifyInstance, { url }: FastifyRequest): Failure {
  const [path = ""] = url.split("?");
  if (app.hasRoute({ method: "POST", url: path })) {
    return failure(405, "method-not-allowed", `${path} is asked with a body`, { allowed: ["POST"] });
  }
  return failure(404, "no-such-route", `there is no ${path}; GET /v1 lists what there is`);
}

/** Why a body could not be read, if that is what went wrong. */
function unreadBody({ statusCode, message }: FastifyError): Failure | undefined {
  switch (statusCode) {
    case 400:
      return failure(400, "bad-body", `the body cannot be read: ${message}`);
    case 413:
      return failure(413, "body-too-large", `a body has at most ${LIMITS.bodyBytes} bytes`);
    case 415:
      return failure(415, "body-not-json", "a body is JSON, and its Content-Type says so", {
        allowed: ["application/json"],
      });
    default:
      return undefined;
  }
}

/** Bodies are described here and checked by who responds, since the check of queries would read what is none as a number. */
const described: NonNullable<FastifyDynamicSwaggerOptions["transform"]> = ({ schema, url, route }) => {
  const { body } = (route.config ?? {}) as Pick<Route, "body">;
  return { schema: body === undefined ? schema : { ...schema, body }, url };
};

/** The admin server before it listens. */
export async function adminApp(options: AdminOptions): Promise<FastifyInstance> {
  const app = fastify({
    http: { maxHeaderSize: LIMITS.headerBytes, connectionsCheckingInterval: LIMITS.checkTimeoutsMs },
    connectionTimeout: LIMITS.idleTimeoutMs,
    requestTimeout: LIMITS.requestTimeoutMs,
    bodyLimit: LIMITS.bodyBytes,
    keepAliveTimeout: LIMITS.keepAliveTimeoutMs,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: LIMITS.pathParameterCharacters },
    ajv: { customOptions: { removeAdditional: false, coerceTypes: true, useDefaults: true } },
    frameworkErrors: (error, _, reply) => send(reply, failure(400, "bad-url", error.message)),
  });
  app.server.maxConnections = LIMITS.connections;
  app.removeContentTypeParser("text/plain"); // what a page of another site may send without being allowed to
  await app.register(swagger, {
    openapi: { openapi: "3.1.0", info: { title: "evenkeel admin API", version: options.version } },
    transform: described,
  });
  addHooks(app, options);
  for (const route of ROUTES) mountRoute(app, route, options);
  mountMetrics(app, options);
  mountOpenApi(app);
  await app.ready();
  return app;
}

/** Serves the admin API until disposed. It reads and never changes what it is given, except gauges. */
export async function startAdmin(options: AdminOptions): Promise<{ readonly address: Address } & AsyncDisposable> {
  await using started = new AsyncDisposableStack();
  const app = started.adopt(await adminApp(options), (one) => one.close());
  await app.listen({ host: options.listen.host, port: options.listen.port });
  const { address, port } = app.server.address() as AddressInfo;
  const parts = started.move();
  return { address: { host: address, port }, [Symbol.asyncDispose]: () => parts.disposeAsync() };
}
