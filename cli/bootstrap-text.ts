/** What `evenkeel bootstrap` prints: for each client what it reads, in the form in which it is to get it. */
import { stringify } from "yaml";
import type { Environment } from "../server/config.ts";
import { didYouMean, type Flags } from "../server/flags.ts";
import { bootstrapOf, type Identity, identityOf } from "./bootstrap.ts";
import { armeriaBootstrapOf, envoyBootstrapOf } from "./bootstrap-envoy.ts";

interface Format {
  readonly of: (identity: Identity) => object;
  /** The variable that has the text; where a program knows none, one for its command line or code to read. */
  readonly variable: string;
  /** Whether a file of it is YAML, and not JSON. */
  readonly yaml: boolean;
  /** Which servers it can ask, if not all that a gRPC target names. */
  readonly server?: { readonly pattern: RegExp; readonly words: string };
  /** More of a container in Kubernetes. */
  readonly container?: object;
}

const HOST_AND_PORT = { pattern: /^(?!unix:)(?:dns:\/\/\/)?[^/]+$/, words: "HOST:PORT or dns:///HOST:PORT" };
const GRPC: Format = { of: bootstrapOf, variable: "GRPC_XDS_BOOTSTRAP_CONFIG", yaml: false };
const ENVOYS = {
  variable: "XDS_BOOTSTRAP",
  server: { pattern: /^(?:unix:|dns:\/\/\/|[^/]+$)/, words: `${HOST_AND_PORT.words} or unix:PATH` },
};

/** tonic connects to URIs. */
const uriOf = (server: string): string => `http://${server.replace(/^dns:\/\/\//, "")}`;

const FORMATS = {
  go: GRPC,
  java: GRPC,
  python: GRPC,
  cpp: GRPC,
  node: GRPC,
  rust: {
    ...GRPC,
    of: (identity) => bootstrapOf({ ...identity, server: uriOf(identity.server) }),
    server: HOST_AND_PORT,
  },
  armeria: { ...ENVOYS, of: armeriaBootstrapOf, yaml: false }, // which reads it by the JSON of protobuf
  envoy: {
    ...ENVOYS,
    of: envoyBootstrapOf,
    yaml: true,
    container: { args: ["--config-yaml", `$(${ENVOYS.variable})`] },
  },
} as const satisfies Readonly<Record<string, Format>>;

/** Whom a bootstrap can be for. */
type BootstrapClient = keyof typeof FORMATS;

const ANY_SERVER = { pattern: /^/, words: "any" };

const isClient = (text: string): text is BootstrapClient => Object.hasOwn(FORMATS, text);

const formatOf = (client: string): Format => (isClient(client) ? FORMATS[client] : GRPC);

/** What the downward API tells, for the variables that a bootstrap may name. */
const DOWNWARD: Readonly<Record<string, string>> = {
  POD_NAME: "metadata.name",
  NAMESPACE: "metadata.namespace",
  NODE_NAME: "spec.nodeName",
  REGION: "metadata.labels['topology.kubernetes.io/region']",
  ZONE: "metadata.labels['topology.kubernetes.io/zone']",
};

const reference = (name: string): string => `$(${name})`;

const KUBERNETES = {
  env: Object.fromEntries(["POD_NAME", "NAMESPACE", "NODE_NAME"].map((name) => [name, reference(name)])),
  id: `${reference("NAMESPACE")}/${reference("POD_NAME")}`,
  place: { region: reference("REGION"), zone: reference("ZONE") },
};

/** Texts in quotes, so that one that looks like a number, or that Kubernetes fills in, stays a text. */
const AS_YAML = {
  defaultStringType: "QUOTE_DOUBLE",
  defaultKeyType: "PLAIN",
  aliasDuplicateObjects: false,
  lineWidth: 0,
} as const;

/** The bootstrap as a file has it. */
function fileOf({ of, yaml }: Format, identity: Identity): string {
  const bootstrap = of(identity);
  return yaml ? stringify(bootstrap, AS_YAML) : `${JSON.stringify(bootstrap, undefined, 2)}\n`;
}

/** An assignment in a POSIX shell, which is not exported. Files of systemd and Compose write a quote in quotes otherwise. */
const lineOf = ({ of, variable }: Format, identity: Identity): string =>
  `${variable}='${JSON.stringify(of(identity)).replaceAll("'", "'\\''")}'\n`;

/** Part of a container. Kubernetes fills in what stands in `$()` from the variables above it. */
function containerOf(format: Format, identity: Identity): string {
  const text = fileOf(format, { ...KUBERNETES.place, ...identity });
  const told = Object.entries(DOWNWARD)
    .filter(([name]) => text.includes(reference(name)))
    .map(([name, fieldPath]) => ({ name, valueFrom: { fieldRef: { fieldPath } } }));
  return stringify({ ...format.container, env: [...told, { name: format.variable, value: text }] }, { lineWidth: 0 });
}

const OUTPUTS = { file: fileOf, env: lineOf, kubernetes: containerOf } as const;

type Output = keyof typeof OUTPUTS;

const isOutput = (text: string): text is Output => Object.hasOwn(OUTPUTS, text);

const oneOf = (flag: string, known: object, text: string): string =>
  `--${flag} must be one of ${Object.keys(known).join(", ")}, not "${text}"${didYouMean(text, Object.keys(known))}`;

type Printed =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "wrong"; readonly problems: readonly string[] };

/** What is wrong with the words themselves, and with a server that the client cannot ask. */
function formProblems(client: string, output: string, server: string): readonly string[] {
  const { pattern, words } = formatOf(client).server ?? ANY_SERVER;
  return [
    ...(isClient(client) ? [] : [oneOf("for", FORMATS, client)]),
    ...(isOutput(output) ? [] : [oneOf("output", OUTPUTS, output)]),
    ...(server === "" || pattern.test(server) ? [] : [`--server must be ${words} for ${client}, not "${server}"`]),
  ];
}

/** What the flags ask for, or everything that is wrong with them. @param uniqueId of a client that is given no id */
export function printed(flags: Flags, env: Environment, uniqueId: string): Printed {
  const client = flags.given.get("for")?.at(-1) ?? "go";
  const output = flags.given.get("output")?.at(-1) ?? "file";
  const [around, ownId] = output === "kubernetes" ? [KUBERNETES.env, KUBERNETES.id] : [env, uniqueId];
  const { identity, problems } = identityOf(flags, around, ownId);
  const all = [...problems, ...formProblems(client, output, identity.server)];
  if (all.length > 0 || !isOutput(output)) return { kind: "wrong", problems: all };
  return { kind: "text", text: OUTPUTS[output](formatOf(client), identity) };
}
