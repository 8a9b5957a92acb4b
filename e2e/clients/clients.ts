import type { ClientKind } from "../../snapshots/resources/client-kind.ts";
import type { ScenarioId } from "./list.ts";

interface Client {
  /** In words for people. */
  readonly title: string;
  /** What the server is to take it for. */
  readonly kind: ClientKind;
  /** What the client cannot do, and why. What a policy of a Service means to it is told by its kind. */
  readonly without: Readonly<Partial<Record<ScenarioId, string>>>;
  /** What the client does otherwise than it should, where nothing that it is sent would change that. Shown with what is measured. */
  readonly flaws: Readonly<Partial<Record<ScenarioId, string>>>;
}

const NO_WEIGHTS = "tonic-xds knows no weights: it is sent of each zone as many pods as come near to them";
const NO_XDS_SERVER = "the library has no servers that ask for a listener";

/** Every client whose program is in e2e/clients/programs, under the name of its folder. */
export const CLIENTS = {
  go: { title: "grpc-go", kind: "grpc-go", without: {}, flaws: {} },
  java: {
    title: "grpc-java",
    kind: "grpc-java",
    without: {},
    flaws: {
      "first-request": "of which a JVM takes most to initialise the 1,400 classes of xDS",
      "scale-to-zero": "told that there is no pod, grpc-java goes on with those that it had, while they answer",
    },
  },
  python: {
    title: "grpcio (C-core)",
    kind: "grpc-core",
    without: {},
    flaws: {},
  },
  node: { title: "@grpc/grpc-js-xds", kind: "grpc-node", without: {}, flaws: {} },
  armeria: {
    title: "Armeria",
    kind: "armeria",
    without: { serve: NO_XDS_SERVER },
    flaws: { away: "Armeria goes on trying pods that are gone until it is told" },
  },
  envoy: {
    title: "Envoy",
    kind: "envoy",
    without: { serve: "a proxy, no server" },
    flaws: {},
  },
  rust: {
    title: "tonic-xds",
    kind: "tonic",
    without: { serve: NO_XDS_SERVER },
    flaws: {
      away: "tonic-xds goes on trying pods that are gone until it is told",
      "zone-shares": NO_WEIGHTS,
      "zone-weights": NO_WEIGHTS,
    },
  },
} as const satisfies Readonly<Record<string, Client>>;

export type ClientName = keyof typeof CLIENTS;

export const clientOf = (name: ClientName): Client => CLIENTS[name];
