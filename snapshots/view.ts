import type { Resource } from "./resources/resource.ts";
import type { TypeUrl } from "./type-url.ts";

/** A snapshot as one zone class and client kind sees it. All that a stream needs to know. */
export interface View {
  /** The resource of that name, or undefined when there is none (yet). The name is answered exactly as asked. */
  get(typeUrl: TypeUrl, name: string): Resource | undefined;
  /** What a wildcard subscription gets, in order of name: canonical clusters; no API listeners (S14). */
  all(typeUrl: TypeUrl): readonly Resource[];
}
