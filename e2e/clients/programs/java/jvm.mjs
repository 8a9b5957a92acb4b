// Builds a client that runs in a JVM: its dependencies by Maven, its classes by javac, from one folder each.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import path from "node:path";

const SHARED = path.join(import.meta.dirname, "shared");

/** A client is short-lived: compiled quickly, and with the collector that starts first. */
const FLAGS = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto"];

/** The words that start the class `Client` that was built into that folder. */
export const command = (cacheDir) => ["java", ...FLAGS, "-cp", `${cacheDir}/classes:${cacheDir}/jars/*`, "Client"];

/** Programs whose answers tell the toolchain. */
export const toolchain = [
  ["java", "-version"],
  ["mvn", "--version"],
];

const sourcesIn = (folder) =>
  readdirSync(folder)
    .filter((file) => file.endsWith(".java"))
    .map((file) => path.join(folder, file));

/** Builds the sources of that folder, with the shared ones, into `cacheDir`. Maven fetches what it has not fetched before. */
export function buildJvm(folder, { cacheDir, fail }) {
  const need = "needs a JDK from 17 on and Maven from 3.8 on: on Debian, apt-get install openjdk-17-jdk-headless maven";
  const run = (program, args) => {
    const { status, error } = spawnSync(program, args, { stdio: ["ignore", "inherit", "inherit"] });
    if (error !== undefined) fail(`${program} does not run: ${error.message}`, need);
    if (status !== 0) fail(`${program} failed, see above.`, need);
  };
  const jars = path.join(cacheDir, "jars");
  const pom = path.join(folder, "pom.xml");
  run("mvn", [
    "-q",
    "-B",
    "-f",
    pom,
    "dependency:copy-dependencies",
    "-DincludeScope=runtime",
    `-DoutputDirectory=${jars}`,
  ]);
  const sources = [...sourcesIn(folder), ...sourcesIn(SHARED)];
  run("javac", ["-Xlint:all", "--release", "17", "-cp", `${jars}/*`, "-d", path.join(cacheDir, "classes"), ...sources]);
}
