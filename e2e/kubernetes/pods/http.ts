/** How a test speaks with the program in a pod: JSON over HTTP on the pod's address. */
import { createServer } from "node:http";
import { json } from "node:stream/consumers";

/** What a route answers: a value as JSON, or undefined for status 503. Its input is the body, or undefined. */
export type Route = (body: unknown) => unknown;

/** Serves routes such as `GET /stats`. */
export function serveControl(port: number, routes: Readonly<Record<string, Route>>): void {
  const server = createServer(async (request, response) => {
    const answer = (status: number, value: unknown): void => {
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
    };
    try {
      const route = routes[`${request.method} ${request.url}`];
      if (route === undefined) return answer(404, "no such route");
      const body = request.headers["content-type"] === "application/json" ? await json(request) : undefined;
      const value = await route(body);
      return value === undefined ? answer(503, "not ready") : answer(200, value);
    } catch (error) {
      return answer(500, String(error));
    }
  });
  server.listen(port, "0.0.0.0");
}
