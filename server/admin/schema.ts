/** The words that schemas are written in. */
import { type TProperties, Type } from "typebox";
import { CLIENT_KINDS } from "../../snapshots/resources/client-kind.ts";

export const text = (description: string) => Type.String({ description });
export const count = (description: string) => Type.Integer({ minimum: 0, description });
export const seconds = (description: string) => Type.Number({ minimum: 0, description });
export const texts = (description: string) => Type.Array(Type.String(), { description });

export const flag = (description: string) => Type.Optional(Type.Enum(["", "true", "false"], { description }));
/** A flag without a value is on. */
export const isOn = (value: unknown): boolean => value === "" || value === "true";

/** What may be asked, and nothing else. */
export const query = <P extends TProperties>(properties: P) =>
  Type.Object({ ...properties, pretty: flag("indent the answer") }, { additionalProperties: false });

export const page = (most: number) => ({
  limit: Type.Integer({ minimum: 1, maximum: most, default: 100, description: "at most this many" }),
  after: Type.Optional(Type.String({ maxLength: 1024, description: "the `next` of the page before" })),
});

export const listed = {
  total: count("of all pages, after the filters"),
  next: Type.Optional(text("give it as `after` to read on; absent on the last page")),
};

export const TypeName = Type.Enum(["listener", "route", "cluster", "assignment"], {
  description: "which of the four xDS types",
});

export const ZoneName = Type.Object({ region: text("empty when not known"), zone: text("empty when not known") });

export const ProblemAnswer = Type.Object({ object: Type.String(), code: Type.String(), message: Type.String() });

const KINDS = [...CLIENT_KINDS.keys()];

export const KindName = Type.Enum(KINDS, {
  description: "what the client can do, told from its node",
});

/** The client for which something is asked. */
export const viewer = {
  region: Type.Optional(Type.String({ maxLength: 253, description: "of the client; told from the zone if absent" })),
  zone: Type.Optional(Type.String({ maxLength: 253, description: "of the client; told from the node if absent" })),
  node: Type.Optional(Type.String({ maxLength: 253, description: "the Kubernetes node of the client" })),
  kind: Type.Enum(KINDS, { default: "grpc", description: "of the client" }),
};

/** Whose view an answer is. */
export const SeenBy = Type.Object({
  kind: KindName,
  zone: Type.Optional(ZoneName),
  node: Type.Optional(Type.String()),
});
