/** EndpointSlices that somebody else than a controller writes. */
import { type Api, collectionOf, type KubernetesObject } from "./api.ts";
import type { EndpointSlice } from "./objects.ts";

export interface SliceOptions extends Pick<EndpointSlice, "endpoints" | "ports"> {
  readonly name: string;
  /** The Service that it says it belongs to; without it, none. */
  readonly service?: string;
  readonly addressType?: string;
}

export function sliceOf(
  namespace: string,
  { name, service, addressType = "IPv4", ...rest }: SliceOptions,
): EndpointSlice {
  const owner = service === undefined ? {} : { "kubernetes.io/service-name": service };
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { name, namespace, labels: { "endpointslice.kubernetes.io/managed-by": "e2e", ...owner } },
    addressType,
    ...rest,
  };
}

/** Creates it as it is, with what the API server may drop or change; apply would refuse unknown fields. */
export async function createObject(api: Api, object: KubernetesObject): Promise<void> {
  const { apiVersion = "", kind = "", metadata } = object;
  const url = `${collectionOf(apiVersion, kind, metadata.namespace)}?fieldValidation=Ignore`;
  const answer = await api.request("POST", url, object);
  if (answer.status !== 201) throw new Error(`POST ${url}: ${answer.status} ${answer.text}`);
}
