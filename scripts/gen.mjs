// Makes gen/: messages, services and validators by buf.gen.yaml, and the descriptors that server reflection shows.
import { spawnSync } from "node:child_process";

const services = ["discovery", "listener", "route", "cluster", "endpoint"];
const folder = "node_modules/@grpc/grpc-js-xds/deps/envoy-api/envoy/service";
const paths = services.flatMap((service) => ["--path", `${folder}/${service}/v3`]);

function buf(...args) {
  const { status, error } = spawnSync("buf", args, { stdio: "inherit" });
  if (error !== undefined) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

buf("generate");
buf("build", "--as-file-descriptor-set", "--exclude-source-info", ...paths, "--output", "gen/descriptors.binpb");
