import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

interface Certificates extends AsyncDisposable {
  /** Paths of PEM files: of the authority, and of two that it vouches for. */
  readonly ca: string;
  readonly server: { readonly certificate: string; readonly key: string };
  readonly client: { readonly certificate: string; readonly key: string };
}

/** An authority of a day, a server at 127.0.0.1 and a client, made by openssl. */
export async function makeCertificates(): Promise<Certificates> {
  const folder = await mkdtemp(path.join(tmpdir(), "evenkeel-certificates-"));
  const file = (name: string): string => path.join(folder, name);
  const openssl = (...args: readonly string[]) => run("openssl", [...args], { cwd: folder });
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  await openssl("req", "-x509", ...key, "-keyout", "ca.key", "-out", "ca.pem", "-days", "1", "-subj", "/CN=authority");
  await writeFile(file("names"), "subjectAltName=IP:127.0.0.1\n");
  for (const name of ["server", "client"]) {
    await openssl("req", ...key, "-keyout", `${name}.key`, "-out", `${name}.csr`, "-subj", `/CN=${name}`);
    const by = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "1", "-extfile", "names"];
    await openssl("x509", "-req", "-in", `${name}.csr`, ...by, "-out", `${name}.pem`);
  }
  const pair = (name: string) => ({ certificate: file(`${name}.pem`), key: file(`${name}.key`) });
  return {
    ca: file("ca.pem"),
    server: pair("server"),
    client: pair("client"),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
