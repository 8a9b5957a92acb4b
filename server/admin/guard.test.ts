import { expect, test } from "vitest";
import { isLoopback, refusalOf } from "./guard.ts";

const head = (headers: Record<string, string>, route: string | undefined = "/v1") => ({
  method: "GET",
  url: "/v1",
  headers,
  route,
});

test.each([
  "localhost",
  "localhost:18001",
  "LOCALHOST:1",
  "app.localhost",
  "127.0.0.1:18001",
  "[::1]:18001",
  "10.1.2.3",
])("the Host %s names this machine", (host) => {
  expect(refusalOf(head({ host }), true)).toBeUndefined();
});

test.each(["evil.example", "localhost.evil.example", "127.0.0.1.evil.example:80", "", "notlocalhost"])(
  "the Host %j may be anybody's name for this address",
  (host) => {
    expect(refusalOf(head({ host }), true)?.status).toBe(403);
    expect(refusalOf(head({ host }, "/healthz"), false)).toBeUndefined();
  },
);

test.each(["/healthz", "/readyz", "/metrics"])("%s is answered on any address", (route) => {
  expect(refusalOf(head({}, route), false)).toBeUndefined();
});

test.each(["/", "/v1", "/v1/clients/:id", "/openapi.json", undefined])("%s is answered on loopback alone", (route) => {
  expect(refusalOf(head({ host: "localhost" }, route), true)).toBeUndefined();
  expect(refusalOf(head({}, route), false)?.answer.error).toMatchObject({
    code: "only-on-loopback",
    message: expect.stringContaining("kubectl port-forward"),
    allowed: ["/healthz", "/readyz", "/metrics"],
  });
});

test.each(["localhost", "127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"])(
  "%s is reached from this machine only",
  (host) => {
    expect(isLoopback(host)).toBe(true);
  },
);

test.each(["", "0.0.0.0", "::", "10.0.0.1", "::ffff:10.0.0.1", "127.evil.example"])(
  "%s may be reached by others",
  (host) => {
    expect(isLoopback(host)).toBe(false);
  },
);

test.each<Record<string, string>>([
  { "content-length": "1" },
  { "content-length": "junk" },
  { "transfer-encoding": "chunked" },
])("a request with %j has a body", (headers) => {
  expect(refusalOf(head({ host: "localhost", ...headers }), true)?.answer.error.code).toBe("body-not-accepted");
});

test("a content length of 0 is no body", () => {
  expect(refusalOf(head({ host: "localhost", "content-length": "0" }), true)).toBeUndefined();
});
