import { parseListenerName, resolvePort } from "./names.ts";
import { objectKey } from "./objects.ts";
import { renamed, serverListener } from "./resources/listener.ts";
import { listenerType } from "./resources/messages.ts";
import { checked, type Resource } from "./resources/resource.ts";
import type { Snapshot } from "./snapshot.ts";

type Parsed = NonNullable<ReturnType<typeof parseListenerName>>;
type ClientName = Extract<Parsed, { readonly kind: "client" }>;
type ServerName = Extract<Parsed, { readonly kind: "server" }>;

function dialled(snapshot: Snapshot, { namespace, service, port }: ClientName): Resource | undefined {
  const entry = snapshot.model.services.get(objectKey({ namespace, name: service }));
  const spec = entry && resolvePort(entry, port);
  return spec && snapshot.published.get(spec.cluster)?.listener;
}

/** The canonical listener that a name leads a client to, under its canonical name. */
export function canonicalListener(snapshot: Snapshot, name: string): Resource | undefined {
  const published = snapshot.published.get(name);
  if (published !== undefined) return published.listener;
  const parsed = parseListenerName(name, snapshot.clusterDomain);
  return parsed?.kind === "client" ? dialled(snapshot, parsed) : undefined;
}

const aliases = new WeakMap<Resource, Map<string, Resource>>();

/** Encoded once for each listener and name; the names are the few forms of one host. */
function alias(listener: Resource, name: string): Resource {
  if (listener.name === name) return listener;
  const byName = aliases.get(listener) ?? new Map<string, Resource>();
  aliases.set(listener, byName);
  const known = byName.get(name) ?? renamed(listener, name);
  byName.set(name, known);
  return known;
}

/** Servers may bind any address, so what is remembered for them has a limit. */
const MAX_SERVER_LISTENERS = 4096;
const serverListeners = new Map<string, Resource>();

function bound(name: string, { address, port }: ServerName): Resource | undefined {
  const known = serverListeners.get(name);
  if (known !== undefined) return known;
  const made = checked(listenerType, name, serverListener(name, address, port));
  if (made.kind === "refused") return undefined;
  if (serverListeners.size >= MAX_SERVER_LISTENERS) serverListeners.clear();
  serverListeners.set(name, made.resource);
  return made.resource;
}

/** What a client dials under any form of a Service's host, or what a server asks for at the address that it bound. */
export function listenerOf(snapshot: Snapshot, name: string): Resource | undefined {
  const canonical = canonicalListener(snapshot, name);
  if (canonical !== undefined) return alias(canonical, name);
  const parsed = parseListenerName(name, snapshot.clusterDomain);
  return parsed?.kind === "server" ? bound(name, parsed) : undefined;
}
