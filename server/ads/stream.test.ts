import { expect, test } from "vitest";
import { ASSIGNMENT, CLUSTER, LISTENER, ROUTE } from "../../snapshots/type-url.ts";
import { GRPC_NODE, serve } from "./fixtures.ts";

test("S1 S3: a client that speaks like grpc-js-xds is answered for each type in turn", async () => {
  await using server = await serve({ a: "1" });
  const stream = server.sotw();
  const got: (string | undefined)[] = [];
  for (const [at, typeUrl] of [LISTENER, ROUTE, CLUSTER, ASSIGNMENT].entries()) {
    stream.send({ ...(at === 0 && { node: GRPC_NODE }), typeUrl, resourceNames: ["a"] });
    const response = await stream.next();
    got.push(response?.typeUrl);
    if (response !== undefined) stream.ack(response, ["a"]);
  }
  expect(got).toEqual([LISTENER, ROUTE, CLUSTER, ASSIGNMENT]);
  expect(await stream.next(100)).toBeUndefined();
});
