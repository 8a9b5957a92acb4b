/** Every manifest of this repository, held against a real API server: it checks all and keeps nothing. */
import { beforeAll, expect, test } from "vitest";
import { manifestDocuments } from "../harness/manifest-files.ts";
import { type Answer, collectionOf, openApi } from "./harness/api.ts";

const api = openApi(process.env.KUBECONFIG ?? "");
const documents = manifestDocuments();
const DRY = "dryRun=All&fieldValidation=Strict";

const dryApply = (object: (typeof documents)[number]): Promise<Answer> => {
  const { apiVersion, kind, metadata } = object;
  const url = `${collectionOf(apiVersion, kind, metadata.namespace)}/${metadata.name}`;
  const query = `${DRY}&fieldManager=manifests&force=true`;
  return api.request("PATCH", `${url}?${query}`, object.object, "application/apply-patch+yaml");
};

beforeAll(async () => {
  const namespaces = new Set(documents.flatMap(({ metadata }) => metadata.namespace ?? []));
  for (const name of namespaces) {
    const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name } };
    const { status } = await api.request("POST", collectionOf("v1", "Namespace"), namespace);
    expect([201, 409]).toContain(status);
  }
});

test.each(documents)(
  "the API server accepts the $kind $metadata.name of $file, every field of it",
  async (document) => {
    const { status, text } = await dryApply(document);
    expect({ status, text }).toMatchObject({ status: expect.toBeOneOf([200, 201]) });
  },
);

test("a field that does not exist is refused", async () => {
  const [document] = documents;
  if (document === undefined) throw new Error("there are no manifests");
  const { text } = await dryApply({ ...document, object: { ...document.object, specs: {} } });
  expect(text).toContain(".specs: field not declared in schema");
});

test("a pod of deploy/ is let into its namespace, which lets in only what is restricted", async () => {
  const deployment = documents.find(({ file }) => file === "deploy/deployment.yaml");
  if (deployment === undefined) throw new Error("there is no Deployment");
  const { namespace = "" } = deployment.metadata;
  const { template } = deployment.object.spec as { readonly template: { readonly metadata: object } };
  const pod = {
    apiVersion: "v1",
    kind: "Pod",
    ...template,
    metadata: { ...template.metadata, name: "one", namespace },
  };
  const { status, text } = await api.request("POST", `${collectionOf("v1", "Pod", namespace)}?${DRY}`, pod);
  expect({ status, text }).toMatchObject({ status: 201 });
});
