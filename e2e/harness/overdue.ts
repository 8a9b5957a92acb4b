/** Vitest waits for ever for whatever its own end waits for. Once the results are there, that is not worth a run. */
const LIMIT_MS = 60_000;

/** The last of `globalSetup`, whose end comes first: a run whose process does not end after it says why, and ends with the status that it has. */
export function setup(): () => void {
  return () => {
    const end = (): never => {
      const waitsFor = process.getActiveResourcesInfo().join(", ");
      process.stderr.write(`the run was over ${LIMIT_MS / 1000} s ago, and its process waits for: ${waitsFor}\n`);
      process.exit();
    };
    setTimeout(end, LIMIT_MS).unref();
    // At a natural end Node takes its environment apart and waits for requests that are under way, at full speed and, if one never
    // ends, for ever (uv_run in Environment::CleanupHandles, seen in two runs of the Kubernetes suite). An end by exit() does not.
    process.once("exit", () => process.exit());
  };
}
