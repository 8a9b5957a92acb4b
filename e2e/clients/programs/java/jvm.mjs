// Builds a client that runs in a JVM: its dependencies by Maven, its classes by javac. Starting one takes seconds of processor time,
// more than half of it to load classes; so it is run once, and what it loaded is kept in an archive, as services in containers do.
import { spawnSync } from "node:child_process";
import { existsSync, globSync } from "node:fs";
import path from "node:path";
import { startBackend } from "../../../harness/backends.ts";
import { environmentFor } from "../../../harness/bootstraps.ts";
import { startClient } from "../../../harness/client-process.ts";
import { startControlPlane } from "../../../harness/control-plane.ts";
import { manifest, service } from "../../../harness/objects.ts";

const SHARED = path.join(import.meta.dirname, "shared");
const NEED = "needs a JDK from 17 on and Maven from 3.8 on: on Debian, apt-get install openjdk-17-jdk-headless maven";

/**
 * A client is short-lived: compiled quickly, with the collector that starts first, and without Netty's events for the flight
 * recorder, which cost a fifth of its start (Armeria has Netty as it is, grpc-java under another name).
 */
const FLAGS = [
  "-XX:TieredStopAtLevel=1",
  "-XX:+UseSerialGC",
  "-Xshare:auto",
  "-Xlog:disable",
  "-Xlog:all=error:stderr", // the JVM's own words go to standard output otherwise
  "-Dio.netty.jfr.enabled=false",
  "-Dio.grpc.netty.shaded.io.netty.jfr.enabled=false",
];

const archiveIn = (cacheDir) => path.join(cacheDir, "classes.jsa");

const java = (cacheDir, ...more) => ["java", ...FLAGS, ...more, "-cp", `${cacheDir}/jars/*`, "Client"];

/** The words that start what was built into that folder. */
export const command = (cacheDir) => java(cacheDir, `-XX:SharedArchiveFile=${archiveIn(cacheDir)}`);

/** Programs whose answers tell the toolchain. */
export const toolchain = [
  ["java", "-version"],
  ["mvn", "--version"],
];

function runIn(fail) {
  return (program, ...args) => {
    const { status, error } = spawnSync(program, args, { stdio: ["ignore", "inherit", "inherit"] });
    if (error !== undefined) fail(`${program} does not run: ${error.message}`, NEED);
    if (status !== 0) fail(`${program} failed, see above.`, NEED);
  };
}

/** Has the client ask a pod of its own a few times, and keep the classes that it loaded for that. */
async function archive(client, { cacheDir, fail }) {
  await using pod = await startBackend("pod", "127.0.0.1");
  await using plane = await startControlPlane({ manifests: manifest(...service({ name: "greeter", pods: [pod] })) });
  const bootstrap = environmentFor(client, plane.xds, { id: "archive", region: "r", zone: "a" });
  const program = { command: java(cacheDir, `-XX:ArchiveClassesAtExit=${archiveIn(cacheDir)}`) };
  const args = ["xds:///greeter.default:8080", "--count", "10", "--deadline", "60"];
  await using process = startClient(program, args, bootstrap);
  const { failed, firstError } = await process.summary(120_000);
  if (failed > 0) fail(`the client failed to ask: ${firstError}`);
  if (!existsSync(archiveIn(cacheDir))) fail("java has kept no archive of its classes.", NEED);
}

/** Builds the sources of that folder, with the shared ones, into `cacheDir`. Maven fetches what it has not fetched before. */
export async function buildJvm(folder, { cacheDir, fail }) {
  const run = runIn(fail);
  const [jars, classes] = [path.join(cacheDir, "jars"), path.join(cacheDir, "classes")];
  const copy = ["dependency:copy-dependencies", "-DincludeScope=runtime", `-DoutputDirectory=${jars}`];
  run("mvn", "-q", "-B", "-f", path.join(folder, "pom.xml"), ...copy);
  const sources = [folder, SHARED].flatMap((each) => globSync(`${each}/*.java`));
  run("javac", "-Xlint:all", "--release", "17", "-cp", `${jars}/*`, "-d", classes, ...sources);
  run("jar", "--create", "--file", path.join(jars, "client.jar"), "-C", classes, ".");
  await archive(path.basename(folder), { cacheDir, fail });
}
