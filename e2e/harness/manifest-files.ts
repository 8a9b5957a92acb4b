import { globSync, readFileSync } from "node:fs";
import { parseAllDocuments } from "yaml";

/** An object as a file of this repository has it. */
export interface ManifestDocument {
  readonly file: string;
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  /** The whole object, to be sent as it is. */
  readonly object: Readonly<Record<string, unknown>>;
}

/** What a tool reads, and no API server: kustomizations, the form of a kind cluster, a rule file of Prometheus. */
const isForTools = (object: Readonly<Record<string, unknown>>): boolean =>
  !("apiVersion" in object) || /^(kustomize\.config\.k8s\.io|kind\.x-k8s\.io)\//.test(String(object.apiVersion));

/** Every YAML document of a file. Throws if one of them is no YAML or no mapping. */
export function documentsOf(file: string): readonly Readonly<Record<string, unknown>>[] {
  return parseAllDocuments(readFileSync(file, "utf8"), { uniqueKeys: true }).map((document) => {
    const [error] = document.errors;
    if (error !== undefined) throw new Error(`${file}: ${error.message}`);
    return document.toJS() as Readonly<Record<string, unknown>>;
  });
}

/** Every object that this repository gives users to apply, and kind: each is to pass a dry run of a real API server. */
export const manifestDocuments = (): readonly ManifestDocument[] =>
  globSync("{deploy,examples/kubernetes,e2e/kind}/**/*.yaml")
    .toSorted()
    .flatMap((file) =>
      documentsOf(file)
        .filter((object) => !isForTools(object))
        .map((object) => ({ ...(object as unknown as Omit<ManifestDocument, "file" | "object">), file, object })),
    )
    .map(({ file, apiVersion, kind, metadata, object }) => ({ file, apiVersion, kind, metadata, object }));
