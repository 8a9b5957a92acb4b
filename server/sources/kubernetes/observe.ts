/** What lists and watches say of themselves in metrics and in the log. */
import type { ObjectKind } from "../../../snapshots/objects.ts";
import type { Log } from "../../log.ts";
import type { Metrics } from "../../metrics.ts";
import { KINDS, type Scope, scopeName } from "./kinds.ts";
import { type Change, denialOf, SOURCE } from "./report.ts";
import type { Seen } from "./watch-state.ts";
import type { Step, Watched } from "./watched.ts";

/** Why a request came to its end; undefined while it goes on. */
const endOf = (seen: Seen): string | undefined => {
  switch (seen.kind) {
    case "failure":
      return seen.why;
    case "ended":
    case "broken":
    case "silent":
    case "unreadable":
      return seen.kind;
    case "asked":
    case "opened":
    case "page":
    case "changed":
    case "bookmark":
      return undefined;
  }
};

function countStep(metrics: Metrics, kind: ObjectKind, { seen, completes, entries }: Step, asked: Watched): void {
  const end = endOf(seen);
  if (end !== undefined) metrics.watchEnds.inc({ kind, reason: end });
  if (completes) metrics.watchLists.inc({ kind, form: asked.state.ask.kind });
  if (seen.kind === "bookmark") metrics.watchEvents.inc({ kind, type: "bookmark" });
  for (const { gone } of entries) metrics.watchEvents.inc({ kind, type: gone ? "removed" : "changed" });
}

/** From so many objects on, the loss of more than half in one list is suspicious; that of all always is (L12). */
const MANY = 10;

const isSuspicious = (before: number, after: number): boolean =>
  before > 0 && (after === 0 || (before >= MANY && after < before / 2));

function warnOfShrink({ before, steps, after }: Change, { log, metrics }: ObserveOptions): void {
  const [was, is] = [before.contents.objects.size, after.contents.objects.size];
  if (!steps.some(({ completes }) => completes) || !isSuspicious(was, is)) return;
  metrics.suspiciousShrinks.inc({ kind: after.scope.kind });
  log.warn("a list shrank suspiciously, and is believed", { of: scopeName(after.scope), before: was, after: is });
}

interface ObserveOptions {
  readonly log: Log;
  readonly metrics: Metrics;
}

/** Each missing right is said once, until it is given. */
function createDenials({ log, metrics }: ObserveOptions) {
  const denied = new Map<string, { readonly kind: ObjectKind; readonly verb: "list" | "watch" }>();
  const show = (): void => {
    const values = [...denied.values()];
    for (const kind of KINDS) {
      for (const verb of ["list", "watch"] as const) {
        const isDenied = values.some((one) => one.kind === kind && one.verb === verb);
        metrics.sourceForbidden.set({ kind, verb }, isDenied ? 1 : 0);
      }
    }
  };
  show();
  return ({ after }: Change): void => {
    const name = scopeName(after.scope);
    const { trouble, open } = after.state;
    const verb = trouble?.denied?.verb;
    const isKnown = denied.get(name)?.verb === verb;
    const isOtherwiseOut = verb === undefined && (trouble !== undefined || !open);
    if (isKnown || isOtherwiseOut) return; // nothing is known of the right
    if (verb === undefined) {
      denied.delete(name);
      log.info("the API server allows again what it refused", { of: name });
    } else {
      denied.set(name, { kind: after.scope.kind, verb });
      log.warn("the API server refuses what is to be read", { of: name, missing: denialOf(after) });
    }
    show();
  };
}

/** The age of what is known: of a kind with several watches, the oldest counts. */
function createContacts({ metrics }: ObserveOptions, scopes: readonly Scope[]) {
  const seconds = new Map<Scope, number>();
  return (scope: Scope, wall: number): void => {
    seconds.set(scope, wall / 1000);
    const ofKind = scopes.filter(({ kind }) => kind === scope.kind).map((one) => seconds.get(one) ?? 0);
    metrics.lastContact.set({ source: SOURCE, kind: scope.kind }, Math.min(...ofKind));
  };
}

export function createObserver(options: ObserveOptions, scopes: readonly Scope[]) {
  const noteDenial = createDenials(options);
  return {
    contact: createContacts(options, scopes),
    change: (change: Change): void => {
      let asked = change.before;
      for (const step of change.steps) {
        countStep(options.metrics, change.after.scope.kind, step, asked);
        asked = step.after;
      }
      warnOfShrink(change, options);
      noteDenial(change);
    },
  };
}
