import type { TypeUrl } from "./type-url.ts";

/** Names whose resources may differ between two snapshots, for at least one zone class or client kind. */
export type Changes = ReadonlyMap<TypeUrl, readonly string[]>;
