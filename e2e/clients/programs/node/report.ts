import { type ServiceError, status } from "@grpc/grpc-js";

/** What is printed: totals since the start. */
export interface Report {
  /** @param value of the header that was sent, if one was */
  answered(pod: string, value: string | undefined): void;
  failed(error: ServiceError): void;
  /** Nobody was there, and the request is sent again. Counts once there was an answer. */
  waits(): void;
  print(kind: "progress" | "summary"): void;
}

/** @param withHeaders whether to print which pods answered for each value of the header */
export function createReport(withHeaders: boolean): Report {
  const started = performance.now();
  const byPod: Record<string, number> = {};
  const byHeader: Record<string, readonly string[]> = {};
  const codes: Record<string, number> = {};
  let [ok, failed, waited] = [0, 0, 0];
  let firstError: string | null = null;
  let firstAnswerMs: number | null = null;
  return {
    answered: (pod, value) => {
      ok += 1;
      byPod[pod] = (byPod[pod] ?? 0) + 1;
      firstAnswerMs ??= performance.now() - started;
      if (value !== undefined) byHeader[value] = [...new Set([...(byHeader[value] ?? []), pod])].sort();
    },
    failed: ({ code, details }) => {
      const name = status[code] ?? String(code);
      failed += 1;
      codes[name] = (codes[name] ?? 0) + 1;
      firstError ??= `${name}: ${details}`;
    },
    waits: () => {
      if (ok > 0) waited += 1;
    },
    print: (kind) => {
      const totals = { kind, ok, failed, waited, byPod, firstError, firstAnswerMs, codes };
      process.stdout.write(`${JSON.stringify(withHeaders ? { ...totals, byHeader } : totals)}\n`);
    },
  };
}
