// Asks once through the built package and closes: packed-client.mjs URL-OF-THE-PACKAGE TARGET METHOD. Then nothing may keep it alive.
import { Client, credentials } from "@grpc/grpc-js";

const [, , built, target, method] = process.argv;
const { register } = await import(built);
register();
const client = new Client(target, credentials.createInsecure());
const text = (data) => data.toString();
client.makeUnaryRequest(
  method,
  (t) => Buffer.from(t),
  text,
  "who?",
  (error, pod) => {
    client.close();
    console.log(JSON.stringify({ node: process.version, error: error?.message, pod }));
  },
);
