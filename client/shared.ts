import { readFileSync } from "node:fs";
import { AdsClient } from "./ads-client.ts";
import { type Bootstrap, readBootstrap, type ServerConfig } from "./bootstrap.ts";
import { createLedger, type Ledger } from "./loads/ledger.ts";
import { reportLoads } from "./loads/reporter.ts";
import { nodeMessage } from "./servers.ts";

/** Of this package, for servers to see. */
export const VERSION = "0.1.0";

interface Loads {
  readonly ledger: Ledger;
  /** Ends the reports with the last user. */
  release(): void;
}

/** What all channels of the process share: one bootstrap, and one client for each list of servers. */
export interface Shared {
  readonly bootstrap: Bootstrap;
  clientOf(servers: readonly ServerConfig[]): AdsClient;
  /** What is counted for a server, and reported to it. */
  loadsOf(server: ServerConfig): Loads;
}

function sharedLoads({ node }: Bootstrap): Shared["loadsOf"] {
  const reports = new Map<string, { readonly ledger: Ledger; readonly end: () => void; users: number }>();
  const begin = (server: ServerConfig) => {
    const ledger = createLedger();
    return { ledger, end: reportLoads(server, nodeMessage({ node, version: VERSION }), ledger), users: 0 };
  };
  return (server) => {
    const report = reports.get(server.uri) ?? begin(server);
    reports.set(server.uri, report);
    report.users += 1;
    const release = (): void => {
      report.users -= 1;
      if (report.users > 0) return;
      report.end();
      reports.delete(server.uri);
    };
    return { ledger: report.ledger, release };
  };
}

/** Reads the bootstrap that the environment names; throws everything that is wrong with it. */
export function createShared(env: Readonly<Record<string, string | undefined>>, doesNotExistMs: number): Shared {
  const read = readBootstrap(env, (path) => readFileSync(path, "utf8"));
  if (read.kind === "bad") throw new Error(`evenkeel-client: ${read.problems.join("; ")}`);
  const { node } = read.value;
  const clients = new Map<string, AdsClient>();
  const clientOf = (servers: readonly ServerConfig[]): AdsClient => {
    const key = JSON.stringify(servers);
    const onUnused = (): boolean => clients.delete(key);
    const client = clients.get(key) ?? new AdsClient({ servers, node, version: VERSION, doesNotExistMs, onUnused });
    clients.set(key, client);
    return client;
  };
  return { bootstrap: read.value, clientOf, loadsOf: sharedLoads(read.value) };
}
