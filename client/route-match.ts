import type { PathRule, Route, Routes, VirtualHost, WeightedName } from "./parse/route.ts";

/** How well a domain of a virtual host fits, higher is better; undefined when it does not (gRFC A27). A star is one letter or more. */
function rank(domain: string, authority: string): number | undefined {
  const pattern = domain.toLowerCase();
  if (pattern === "*") return 0;
  if (pattern.length > authority.length) return undefined;
  if (pattern.startsWith("*")) return authority.endsWith(pattern.slice(1)) ? 2000 + pattern.length : undefined;
  if (pattern.endsWith("*")) return authority.startsWith(pattern.slice(0, -1)) ? 1000 + pattern.length : undefined;
  return pattern === authority ? 5000 : undefined;
}

/** Exact domains win over suffixes, those over prefixes, and longer over shorter. */
export function virtualHostFor(routes: Routes, authority: string): VirtualHost | undefined {
  const wanted = authority.toLowerCase();
  let best: { readonly rank: number; readonly host: VirtualHost } | undefined;
  for (const host of routes) {
    for (const domain of host.domains) {
      const found = rank(domain, wanted);
      if (found !== undefined && (best === undefined || found > best.rank)) best = { rank: found, host };
    }
  }
  return best?.host;
}

function pathMatches(rule: PathRule, path: string): boolean {
  if (rule.kind === "regex") return rule.pattern.test(path);
  const [text, asked] = rule.ignoreCase ? [rule.text.toLowerCase(), path.toLowerCase()] : [rule.text, path];
  return rule.kind === "path" ? asked === text : asked.startsWith(text);
}

interface Asked {
  /** "/package.Service/Method" */
  readonly path: string;
  /** The value of a header, several joined by commas; undefined when it is absent. */
  readonly header: (name: string) => string | undefined;
}

/** The first route that takes the request; one that takes only a part of them rolls the dice. */
export function routeFor(host: VirtualHost, asked: Asked, random: () => number): Route | undefined {
  return host.routes.find(
    (route) =>
      pathMatches(route.path, asked.path) &&
      route.headers.every(({ name, holds }) => holds(asked.header(name))) &&
      (route.part >= 1 || random() < route.part),
  );
}

/** One of the clusters, each in proportion to its weight. */
export function clusterOf(clusters: readonly WeightedName[], random: () => number): string {
  let left = random() * clusters.reduce((sum, { weight }) => sum + weight, 0);
  for (const { name, weight } of clusters) {
    left -= weight;
    if (left < 0) return name;
  }
  return clusters.at(-1)?.name ?? "";
}
