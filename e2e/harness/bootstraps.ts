/** What `evenkeel bootstrap` prints, as the environment that a program gets of it. */
import { execFileSync } from "node:child_process";
import { parse } from "yaml";
import { BOOTSTRAP_FLAGS } from "../../cli/bootstrap.ts";
import { printed } from "../../cli/bootstrap-text.ts";
import { readFlags } from "../../server/flags.ts";

export type Environment = Readonly<Record<string, string>>;

/** Of the line that `--output env` prints, by a shell. */
export function environmentOfLine(line: string): Environment {
  const [name = ""] = /^\w+/.exec(line) ?? [];
  const script = `eval "export $1"; printf %s "$${name}"`;
  return { [name]: execFileSync("sh", ["-c", script, "sh", line], { encoding: "utf8" }) };
}

interface Variable {
  readonly name: string;
  readonly value?: string;
}

/** Of what `--output kubernetes` prints, as Kubernetes has it in a container. @param told by the downward API */
export function environmentOfContainer(text: string, told: Environment): Environment {
  const { env } = parse(text) as { readonly env: readonly Variable[] };
  const known = new Map<string, string>();
  for (const { name, value = told[name] ?? "" } of env) {
    known.set(
      name,
      value.replace(/\$\((\w+)\)/g, (reference, variable) => known.get(variable) ?? reference),
    );
  }
  return Object.fromEntries(known);
}

interface Told {
  readonly id: string;
  readonly region: string;
  readonly zone: string;
}

/** What is printed for that client, of which `--for` knows the name, without a process. */
export function environmentFor(client: string, server: string, { id, region, zone }: Told): Environment {
  const place = ["--node-id", id, "--region", region, "--zone", zone];
  const flags = readFlags(["--for", client, "--server", server, "--output", "env", ...place], BOOTSTRAP_FLAGS);
  const result = printed(flags, {}, id);
  if (result.kind === "wrong") throw new Error(result.problems.join("; "));
  const [, name = "", text = ""] = /^(\w+)='(.*)'\n$/.exec(result.text) ?? [];
  return { [name]: text.replaceAll("'\\''", "'") };
}
