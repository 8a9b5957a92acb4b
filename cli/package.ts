import { readFileSync } from "node:fs";
import { findPackageJSON } from "node:module";
import path from "node:path";

const manifest = findPackageJSON(import.meta.url);
if (manifest === undefined) throw new Error("this program lies outside of its package");

/** The folder of this package, in a checkout and where it is installed. */
export const packageRoot = path.dirname(manifest);

export const packageVersion = (JSON.parse(readFileSync(manifest, "utf8")) as { readonly version: string }).version;
