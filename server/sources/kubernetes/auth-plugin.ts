/** Users of kubeconfigs who have a plugin. The only file that knows client-node, of which it loads the plugin in use. */
import path from "node:path";
import type { User as PluginUser } from "@kubernetes/client-node/dist/config_types.js";
import { at, items, text } from "../fields.ts";
import type { Entry } from "./kubeconfig-files.ts";

/** What a plugin adds to: a token to the headers, or a certificate. */
export interface Credentials {
  readonly headers: Record<string, string>;
  cert?: string;
  key?: string;
}

type Authenticate = (credentials: Credentials) => Promise<void>;

/** The errors of plugins are theirs; what one printed on standard output may be a token. */
const guarded =
  (user: PluginUser, authenticate: (user: PluginUser, credentials: Credentials) => Promise<void>): Authenticate =>
  async (credentials) => {
    try {
      await authenticate(user, credentials);
    } catch (error) {
      if (error instanceof SyntaxError) throw new Error(`plugin of user ${user.name} did not print JSON`);
      const message = error instanceof Error ? error.message.trim().slice(0, 300) : "";
      throw new Error(`plugin of user ${user.name} failed: ${message || "it says nothing"}`);
    }
  };

/** What kubectl does and client-node does not: a path is relative to the kubeconfig, and the plugin is told what is expected. */
function commandOf({ body, folder }: Entry): object | undefined {
  const exec = at(body, "exec");
  const command = text(at(exec, "command"));
  if (command === undefined) return undefined;
  const expected = { kind: "ExecCredential", apiVersion: text(at(exec, "apiVersion")), spec: { interactive: false } };
  return {
    command: /[\\/]/.test(command) ? path.resolve(folder, command) : command,
    args: items(at(exec, "args")).map(({ value }) => String(value)),
    env: [
      ...items(at(exec, "env")).map(({ value }) => value),
      { name: "KUBERNETES_EXEC_INFO", value: JSON.stringify(expected) },
    ],
  };
}

async function execPlugin(name: string, exec: object): Promise<Authenticate> {
  const { ExecAuth } = await import("@kubernetes/client-node/dist/exec_auth.js");
  const plugin = new ExecAuth();
  return guarded({ name, exec }, (user, credentials) => plugin.applyAuthentication(user, credentials));
}

async function oidcPlugin(name: string, authProvider: unknown): Promise<Authenticate> {
  const { OpenIDConnectAuth } = await import("@kubernetes/client-node/dist/oidc_auth.js");
  const plugin = new OpenIDConnectAuth();
  return guarded({ name, authProvider }, (user, credentials) => plugin.applyAuthentication(user, credentials));
}

/** The plugin of a user, which keeps its token until that ends; undefined for one without. */
export async function pluginOf(entry: Entry): Promise<Authenticate | undefined> {
  const exec = commandOf(entry);
  if (exec !== undefined) return execPlugin(entry.name, exec);
  const provider = at(entry.body, "auth-provider");
  const kind = text(at(provider, "name"));
  if (kind === undefined) return undefined;
  if (kind === "oidc") return oidcPlugin(entry.name, provider.value);
  throw new Error(`auth-provider ${kind} of user ${entry.name} is not supported, only oidc and exec`);
}
