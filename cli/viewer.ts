/** The flags that say for which client something is shown. */
import type { Flags } from "../server/flags.ts";
import type { Whereabouts } from "../snapshots/derive/topology.ts";
import { CLIENT_KINDS, type ClientKind } from "../snapshots/resources/client-kind.ts";

/** What is known of the client for which resources are made. */
export interface Viewer extends Whereabouts {
  readonly kind: ClientKind;
}

export const VIEWER_FLAGS = { region: "value", zone: "value", node: "value", kind: "value" } as const;

/** The first is what is shown without the flag. */
const KINDS: readonly ClientKind[] = ["grpc", ...[...CLIENT_KINDS.keys()].filter((kind) => kind !== "grpc")];

/** Lines of a help text. */
export const VIEWER_HELP = `  --region REGION  where the client runs; told from the zone if the Nodes say it
  --zone ZONE      the same; without it, and without a node, the zone of the client is unknown
  --node NODE      the Kubernetes node of the client
  --kind KIND      of client, one of ${KINDS.slice(0, 5).join(", ")},
                   ${KINDS.slice(5).join(", ")}; ${KINDS[0]} unless given`;

/** The one of `known` that a flag says: the first without the flag, undefined for a word that is none of them. */
export const oneOf = <T extends string>(known: readonly T[], text: string | undefined): T | undefined =>
  text === undefined ? known[0] : known.find((one) => one === text);

/** The client that the flags say, or what is wrong with them. An empty flag says nothing. */
export function viewerOf({ given }: Flags): Viewer | string {
  const one = (name: keyof typeof VIEWER_FLAGS): string | undefined => given.get(name)?.at(-1);
  const kind = oneOf(KINDS, one("kind"));
  if (kind === undefined) return `--kind must be one of ${KINDS.join(", ")}, not "${one("kind")}"`;
  const place = (["region", "zone", "node"] as const).flatMap((name) => (one(name) ? [[name, one(name)]] : []));
  return { kind, ...Object.fromEntries(place) };
}
