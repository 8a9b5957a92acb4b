// docs:begin
import { Client, credentials } from "@grpc/grpc-js";
import { register } from "@grpc/grpc-js-xds";

register(); // adds the scheme xds: once in a process, before its first client

/** For a target such as xds:///greeter.default:8080. A generated client is made of the same two arguments. */
export const clientOf = (target: string): Client => new Client(target, credentials.createInsecure());
// docs:end
