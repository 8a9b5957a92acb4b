import type { ServerConfig } from "./bootstrap.ts";
import { type Cache, emptyCache, limitedTo, withAbsent, withNews } from "./cache.ts";
import { type Dependencies, dependencies, type Resolution, type ResourceName, sameResolution } from "./dependencies.ts";
import { diagnostics } from "./diagnostics.ts";
import type { News, Wanted } from "./exchange.ts";
import { createPatience, MISSING_MS, type Patience } from "./patience.ts";
import { Servers, type ServersOptions } from "./servers.ts";
import { shortName, TYPE_URLS } from "./type-url.ts";

/** What a watcher is told whenever any of it changes. */
export interface Sight {
  readonly resolution: Resolution;
  /** Names that were asked for a second ago or longer and that nothing was heard of. */
  readonly missing: readonly ResourceName[];
  /** Why no server can be reached; undefined while one can. */
  readonly trouble: string | undefined;
}

interface Watch {
  readonly listener: string;
  /** Chooses the virtual host. */
  readonly authority: string;
  /** Never called before `watch` has returned. */
  onSight(sight: Sight): void;
}

interface AdsOptions extends ServersOptions {
  /** How long a name may stay unanswered before it counts as one that does not exist. */
  readonly doesNotExistMs: number;
  /** Called when nothing is watched any more. */
  onUnused(): void;
}

function wantedBy(needs: readonly ResourceName[]): Wanted {
  const names = TYPE_URLS.map((typeUrl) => {
    const ofType = needs.filter((need) => need.typeUrl === typeUrl).map(({ name }) => name);
    return [typeUrl, [...new Set(ofType)].sort()];
  });
  return Object.fromEntries(names) as Wanted;
}

/**
 * The one client of a list of servers, shared by all channels of the process that ask these. Keeps what it was told while the
 * servers are away. A class, since every event changes the same cache.
 */
export class AdsClient {
  readonly #options: AdsOptions;
  readonly #servers: Servers;
  readonly #patience: Patience;
  readonly #watches = new Map<Watch, Dependencies | undefined>();
  #cache: Cache = emptyCache;
  #scheduled = false;

  constructor(options: AdsOptions) {
    this.#options = options;
    this.#servers = new Servers(options, {
      onNews: (news, server) => this.#learn(news, server),
      onTrouble: () => this.#refresh(),
    });
    const uris = options.servers.map(({ uri }) => uri).join(", ");
    this.#patience = createPatience(options.doesNotExistMs, {
      onMissing: ({ typeUrl, name }) => {
        diagnostics.missing({ type: shortName(typeUrl), name, server: uris, afterMs: MISSING_MS });
        this.#schedule();
      },
      onAbsent: ({ typeUrl, name }) => {
        this.#cache = withAbsent(this.#cache, typeUrl, name);
        this.#schedule();
      },
    });
  }

  /** Watches until the function that it gives is called; with the last watch the streams end. */
  watch(watch: Watch): () => void {
    this.#watches.set(watch, undefined);
    this.#schedule();
    return () => {
      if (!this.#watches.delete(watch)) return;
      if (this.#watches.size > 0) this.#schedule();
      else this.#end();
    };
  }

  #end(): void {
    this.#servers.close();
    this.#patience.end();
    this.#cache = emptyCache;
    this.#options.onUnused();
  }

  #learn(news: News, server: ServerConfig): void {
    this.#cache = withNews(this.#cache, news, server.keepDeleted);
    if (news.refused.size > 0) {
      const problems = Object.fromEntries(news.refused);
      diagnostics.refused({ type: shortName(news.typeUrl), version: news.version, server: server.uri, problems });
    }
    this.#refresh();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => this.#refresh());
  }

  /** Walks from every listener anew: asks for what that needs, and tells every watcher what it leads to. */
  #refresh(): void {
    this.#scheduled = false;
    if (this.#watches.size === 0) return;
    const walks = [...this.#watches.keys()].map(
      (watch) => [watch, dependencies(this.#cache, watch.listener, watch.authority)] as const,
    );
    const needs = walks.flatMap(([, walk]) => walk.needs);
    const wanted = wantedBy(needs);
    this.#cache = limitedTo(this.#cache, wanted);
    const unheard = needs.filter(({ typeUrl, name }) => !this.#cache[typeUrl].has(name));
    this.#servers.want(wanted);
    if (unheard.length > 0) this.#servers.widen();
    this.#patience.waitFor(unheard);
    for (const [watch, walk] of walks) this.#tell(watch, walk);
  }

  #tell(watch: Watch, walk: Dependencies): void {
    if (!this.#watches.has(watch)) return; // ended by what another watcher did when it was told
    const before = this.#watches.get(watch)?.resolution;
    const resolution = before !== undefined && sameResolution(before, walk.resolution) ? before : walk.resolution;
    this.#watches.set(watch, { ...walk, resolution });
    const isNeeded = ({ typeUrl, name }: ResourceName): boolean =>
      walk.needs.some((need) => need.typeUrl === typeUrl && need.name === name);
    const missing = this.#patience.missing().filter(isNeeded);
    watch.onSight({ resolution, missing, trouble: this.#servers.trouble() });
  }
}
