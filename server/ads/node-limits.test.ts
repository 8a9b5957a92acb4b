import { expect, test } from "vitest";
import { type DeepPartial, Node } from "../../gen/envoy/config/core/v3/base.ts";
import { excessOfNode } from "./node-limits.ts";

const text = (length: number): string => "x".repeat(length);

/** Nodes with one text of that length each, by what is wrong with it if it is too long. */
const nodesOf = (length: number): Record<string, DeepPartial<Node>> => ({
  "node.id has more than 1,024 characters": { id: text(length) },
  "node.cluster has more than 1,024 characters": { cluster: text(length) },
  "node.user_agent_name has more than 1,024 characters": { userAgentName: text(length) },
  "node.user_agent_version has more than 1,024 characters": {
    userAgentVersionType: { $case: "userAgentVersion", value: text(length) },
  },
  "node.locality has a name of more than 1,024 characters": { locality: { region: text(length) } },
  "node.metadata has a name of more than 1,024 characters": { metadata: { NODE_NAME: text(length) } },
});

test("E3: each text of a node may have 1,024 characters, and one more is told by its field", () => {
  const within = Object.values(nodesOf(1024)).map((node) => excessOfNode(Node.fromPartial(node)));
  const beyond = Object.values(nodesOf(1025)).map((node) => excessOfNode(Node.fromPartial(node)));
  expect([new Set(within), beyond]).toEqual([new Set([undefined]), Object.keys(nodesOf(1025))]);
});

test("E3: a node may have 256 features of 256 characters", () => {
  const excess = (count: number, length: number) =>
    excessOfNode(Node.fromPartial({ clientFeatures: Array.from({ length: count }, () => text(length)) }));
  expect([excess(256, 256), excess(257, 1), excess(1, 257)]).toEqual([
    undefined,
    "node.client_features has more than 256 entries",
    "node.client_features has an entry of more than 256 characters",
  ]);
});
