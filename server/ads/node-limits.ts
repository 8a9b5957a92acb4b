import type { Node } from "../../gen/envoy/config/core/v3/base.ts";
import type { Ending } from "./ending.ts";
import { KNOWN_METADATA } from "./node.ts";

const MAX_CHARACTERS = 1024;
const MAX_FEATURES = 256;
const MAX_FEATURE_CHARACTERS = 256;

const versionText = ({ userAgentVersionType: version }: Node): string =>
  version?.$case === "userAgentVersion" ? version.value : "";

const namesInMetadata = ({ metadata = {} }: Node): unknown[] => KNOWN_METADATA.map((key) => metadata[key]);

/** What a stream keeps of its node, and would keep whole. */
const TEXTS: readonly (readonly [Ending, (node: Node) => readonly unknown[]])[] = [
  ["node.id has more than 1,024 characters", ({ id }) => [id]],
  ["node.cluster has more than 1,024 characters", ({ cluster }) => [cluster]],
  ["node.user_agent_name has more than 1,024 characters", ({ userAgentName }) => [userAgentName]],
  ["node.user_agent_version has more than 1,024 characters", (node) => [versionText(node)]],
  [
    "node.locality has a name of more than 1,024 characters",
    ({ locality }) => [locality?.region, locality?.zone, locality?.subZone],
  ],
  ["node.metadata has a name of more than 1,024 characters", namesInMetadata],
];

const isLongerThan = (characters: number) => (text: unknown) => typeof text === "string" && text.length > characters;

/** Why a stream cannot keep what its client says of itself, which may be as large as a message. Undefined: it can. */
export function excessOfNode(node: Node): Ending | undefined {
  const tooLong = TEXTS.find(([, textsOf]) => textsOf(node).some(isLongerThan(MAX_CHARACTERS)));
  if (tooLong !== undefined) return tooLong[0];
  const { clientFeatures } = node;
  if (clientFeatures.length > MAX_FEATURES) return "node.client_features has more than 256 entries";
  return clientFeatures.some(isLongerThan(MAX_FEATURE_CHARACTERS))
    ? "node.client_features has an entry of more than 256 characters"
    : undefined;
}
