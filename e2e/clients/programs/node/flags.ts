/** The flags that the contract of e2e/clients/README.md has for traffic. */
import type { Traffic } from "./traffic.ts";

export const TRAFFIC_FLAGS = {
  method: { type: "string", default: "" },
  seconds: { type: "string", default: "0" },
  count: { type: "string", default: "0" },
  rate: { type: "string", default: "200" },
  deadline: { type: "string", default: "10" },
  parallel: { type: "string", default: "1" },
  header: { type: "string" },
} as const;

interface Values {
  readonly method: string;
  readonly seconds: string;
  readonly count: string;
  readonly rate: string;
  readonly deadline: string;
  readonly parallel: string;
  readonly header?: string;
}

/** What was asked for of it. */
export const trafficOf = (values: Values): Omit<Traffic, "targets" | "inputEnded"> => ({
  method: values.method,
  seconds: Number(values.seconds),
  count: Number(values.count),
  rate: Number(values.rate),
  deadlineMs: Number(values.deadline) * 1000,
  parallel: Number(values.parallel),
  header: values.header,
});
