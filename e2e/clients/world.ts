/** The one Service that nearly every scenario is about. */
import { expect } from "vitest";
import type { Backend } from "../harness/backends.ts";
import type { ClientReport } from "../harness/client-process.ts";
import { manifest, nodes, type Pod, service } from "../harness/objects.ts";

export const NAME = "greeter.default:8080";
export const TARGET = `xds:///${NAME}`;
const ZONES = nodes("r", "a", "b", "c");

/** The zone of a pod is the first letter of its name. */
export const podOf = ({ name, address, port }: Backend, state: Pod["state"] = "ready"): Pod => ({
  address,
  port,
  zone: name.charAt(0),
  state,
});

export const leaving = (backend: Backend): Pod => podOf(backend, "terminating");

/** The greeter Service alone in its cluster. */
export const greeter = (pods: readonly (Backend | Pod)[], annotations: Readonly<Record<string, string>> = {}): string =>
  manifest(
    ...ZONES,
    ...service({ name: "greeter", annotations, pods: pods.map((pod) => ("served" in pod ? podOf(pod) : pod)) }),
  );

/** A cluster without any Service, and more objects in it. */
export const cluster = (...objects: readonly object[]): string => manifest(...ZONES, ...objects);

const grouped = (count: number): string => count.toLocaleString("en-US");

/** For the matrix. */
export const counted = ({ ok, failed }: ClientReport): string => `${grouped(failed)} of ${grouped(ok + failed)} failed`;

/** For the matrix, where there was always a pod. Throws if a request has failed, or found none. */
export function unfailed(report: ClientReport): string {
  const { failed, firstError, waited = 0 } = report;
  expect({ failed, firstError, waited }).toEqual({ failed: 0, firstError: null, waited: 0 });
  return counted(report);
}

/** The same where there was none for a time, which requests have waited for. */
export const unfailedAfterNone = (report: ClientReport): string => unfailed({ ...report, waited: 0 });

/** Requests answered by pods whose name begins so. */
const answeredBy = ({ byPod }: ClientReport, beginning: string): number =>
  Object.entries(byPod).reduce((sum, [pod, count]) => sum + (pod.startsWith(beginning) ? count : 0), 0);

/** The part of the requests between two reports that pods answered whose name begins so. */
export const partOf = (before: ClientReport, after: ClientReport, beginning: string): number =>
  (answeredBy(after, beginning) - answeredBy(before, beginning)) / (after.ok - before.ok);

/** All the pods that answered between two reports, in order. */
export const answeredBetween = (before: ClientReport, after: ClientReport): readonly string[] =>
  Object.keys(after.byPod)
    .filter((pod) => after.byPod[pod] !== before.byPod[pod])
    .toSorted();
