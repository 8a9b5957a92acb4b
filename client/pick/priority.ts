/** What can be said of the pods of one priority. */
export type PriorityStatus = "ready" | "connecting" | "failed" | "empty";

/**
 * Which priority to use (gRFC A56): the highest that is ready or may soon be, else, when all have failed, the highest that has
 * pods. Undefined when none has.
 */
export function choosePriority(statuses: readonly PriorityStatus[]): number | undefined {
  const usable = statuses.findIndex((status) => status === "ready" || status === "connecting");
  if (usable >= 0) return usable;
  const failed = statuses.indexOf("failed");
  return failed >= 0 ? failed : undefined;
}
