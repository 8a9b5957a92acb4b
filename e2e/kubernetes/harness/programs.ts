/** How a pod starts a program of this checkout: on kind from an image of it, on e2e/cluster as a process of this machine. */
import path from "node:path";
import { fileURLToPath } from "node:url";

const checkout = fileURLToPath(new URL("../../..", import.meta.url));

/** Whether pods are processes of this machine, so that faults can be made. */
export const isOwnCluster = process.env.EVENKEEL_E2E !== "kind";

export interface Program {
  readonly image: string;
  readonly imagePullPolicy: "IfNotPresent";
  readonly command: readonly string[];
}

/** @param file the program's path in the checkout */
export const programOf = (file: string): Program => ({
  image: process.env.EVENKEEL_E2E_IMAGE ?? "of-this-machine",
  imagePullPolicy: "IfNotPresent",
  command: isOwnCluster ? [process.execPath, path.join(checkout, file)] : ["node", file],
});
