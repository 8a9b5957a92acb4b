/** Who is asked: a running server, or nobody, by manifests. */
import type { Flags } from "../server/flags.ts";

const ADMIN = "http://127.0.0.1:18001";

export type Asked =
  | { readonly kind: "server"; readonly admin: string }
  | { readonly kind: "manifests"; readonly path: string };

export const ASKED_FLAGS = { admin: "value", manifests: "value" } as const;

/** Lines of a help text. */
export const ASKED_HELP = `  --admin URL      ask this running server (default ${ADMIN})
  --manifests PATH ask none: read a file or folder of Kubernetes YAML; clients are taken to be spread like the pods`;

const serverAt = (admin: string): Asked | string =>
  /^https?:\/\//.test(admin) && URL.canParse(admin)
    ? { kind: "server", admin }
    : `--admin must be a URL such as ${ADMIN}, not "${admin}"`;

/** Who is to be asked, or what is wrong with the flags that say it. */
export function askedOf({ given }: Flags): Asked | string {
  const [admin] = given.get("admin") ?? [];
  const [path] = given.get("manifests") ?? [];
  if (path === undefined) return serverAt(admin ?? ADMIN);
  return admin === undefined ? { kind: "manifests", path } : "--admin and --manifests exclude each other";
}

const ANSWER_WITHIN_MS = 10_000;

/** What a server says; or, as a text, why it says nothing. */
export async function answerOf(admin: string, url: URL, init: RequestInit = {}) {
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
    const answer: unknown = await response.json();
    return { ok: response.ok, answer };
  } catch (error) {
    const { message, cause } = error as Error;
    return `evenkeel does not answer at ${admin}: ${cause instanceof Error ? cause.message : message}`;
  }
}
