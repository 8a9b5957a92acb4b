/** Clients as the protocol wants them: what the server is held against by model.test.ts. */
import { ASSIGNMENT, CLUSTER, isFullState, type TypeUrl } from "../../snapshots/type-url.ts";
import { WILDCARD } from "../roster.ts";
import type { DeltaRequest } from "./delta.ts";
import type { Outgoing } from "./in-flight.ts";
import type { SotwRequest } from "./sotw.ts";

/** One type of each sort is enough. */
export const TYPES: readonly TypeUrl[] = [CLUSTER, ASSIGNMENT];

export interface Sent<Request> {
  readonly typeUrl: TypeUrl;
  readonly request: Request;
}

export interface Reference<Request> {
  subscribe(typeUrl: TypeUrl, name: string): void;
  unsubscribe(typeUrl: TypeUrl, name: string): void;
  /** Says once more what it said already: an old request, or a subscription that it has. */
  askAgain(typeUrl: TypeUrl, name: string): void;
  read(typeUrl: TypeUrl, response: Outgoing, accepts: boolean): void;
  reconnect(): void;
  /** Names that are answered although the client may have them. */
  asksAnew(request: Request): readonly string[];
  /** Requests on their way. */
  readonly requests: Sent<Request>[];
  wants(typeUrl: TypeUrl, name: string): boolean;
  /** The version that it holds of a name. */
  holds(typeUrl: TypeUrl, name: string): string | undefined;
}

/** What a client wants and holds of one type. */
class Interest {
  readonly names = new Set<string>();
  readonly held = new Map<string, string>();

  wants(name: string): boolean {
    return this.names.has(name) || this.names.has(WILDCARD);
  }

  drop(name: string): void {
    this.names.delete(name);
    for (const held of this.held.keys()) if (!this.wants(held)) this.held.delete(held);
  }

  take({ resources, removed }: Outgoing): void {
    for (const { name, version } of resources) if (this.wants(name)) this.held.set(name, version);
    for (const name of removed) this.held.delete(name);
  }
}

function interests<T>(make: () => T): (typeUrl: TypeUrl) => T {
  const all = new Map(TYPES.map((typeUrl) => [typeUrl, make()]));
  return (typeUrl) => all.get(typeUrl) ?? make();
}

class SotwInterest extends Interest {
  version = "";
  nonce = "";
  /** The version of the set that it was sent for what it still asks for, to be shown after a reconnect. */
  claim = "";
}

export function sotwReference(): Reference<SotwRequest> {
  const of = interests(() => new SotwInterest());
  const requests: Sent<SotwRequest>[] = [];
  const send = (typeUrl: TypeUrl, error?: string): void => {
    const { version, nonce, names } = of(typeUrl);
    requests.push({ typeUrl, request: { version, nonce, error, names: [...names] } });
  };
  return {
    requests,
    wants: (typeUrl, name) => of(typeUrl).wants(name),
    holds: (typeUrl, name) => of(typeUrl).held.get(name),
    asksAnew: () => [],
    subscribe: (typeUrl, name) => {
      of(typeUrl).names.add(name);
      if (name === WILDCARD) of(typeUrl).claim = "";
      send(typeUrl);
    },
    unsubscribe: (typeUrl, name) => {
      of(typeUrl).drop(name);
      if (name === WILDCARD) of(typeUrl).claim = "";
      send(typeUrl);
    },
    askAgain: (typeUrl) => send(typeUrl),
    read: (typeUrl, response, accepts) => {
      const mine = of(typeUrl);
      mine.nonce = response.nonce;
      if (accepts) {
        mine.version = response.version;
        mine.claim = mine.names.size === 0 ? "" : response.version;
        if (isFullState(typeUrl)) mine.held.clear();
        mine.take(response);
      }
      send(typeUrl, accepts ? undefined : "no");
    },
    reconnect: () => {
      requests.length = 0;
      for (const typeUrl of TYPES) {
        const mine = of(typeUrl);
        mine.nonce = "";
        mine.version = mine.claim;
        if (mine.names.size > 0) send(typeUrl);
      }
    },
  };
}

export function deltaReference(): Reference<DeltaRequest> {
  const of = interests(() => new Interest());
  const requests: Sent<DeltaRequest>[] = [];
  const send = (typeUrl: TypeUrl, more: Partial<DeltaRequest>): void => {
    const plain = { nonce: "", error: undefined, subscribe: [], unsubscribe: [], initialVersions: new Map() };
    requests.push({ typeUrl, request: { ...plain, ...more } });
  };
  return {
    requests,
    wants: (typeUrl, name) => of(typeUrl).wants(name),
    holds: (typeUrl, name) => of(typeUrl).held.get(name),
    asksAnew: ({ subscribe }) => subscribe,
    subscribe: (typeUrl, name) => {
      of(typeUrl).names.add(name);
      send(typeUrl, { subscribe: [name] });
    },
    unsubscribe: (typeUrl, name) => {
      of(typeUrl).drop(name);
      send(typeUrl, { unsubscribe: [name] });
    },
    askAgain: (typeUrl, name) => {
      if (of(typeUrl).names.has(name)) send(typeUrl, { subscribe: [name] });
    },
    read: (typeUrl, response, accepts) => {
      if (accepts) of(typeUrl).take(response);
      send(typeUrl, { nonce: response.nonce, error: accepts ? undefined : "no" });
    },
    reconnect: () => {
      requests.length = 0;
      for (const typeUrl of TYPES) {
        const { names, held } = of(typeUrl);
        if (names.size > 0) send(typeUrl, { subscribe: [...names], initialVersions: new Map(held) });
      }
    },
  };
}
