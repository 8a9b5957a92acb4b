/** Objects and demand → model: when something was touched, and when time alone changes something. */
import { type DeriveInput, type DeriveOutput, derive } from "../../snapshots/derive/derive.ts";
import type { Origin } from "../convergence.ts";
import { carefully } from "./careful.ts";
import { type Context, NO_NAMES } from "./context.ts";
import { publishWhenDue } from "./publishing.ts";

/** A fleet that connects at once is to be seen as a whole, so demand is looked at no more often. */
const DEMAND_MS = 1_000;

/** What may come out differently. */
type Touch = Pick<DeriveInput, "touched" | "demandTouched">;

const NOTHING: Touch = { touched: { services: NO_NAMES, topology: false }, demandTouched: NO_NAMES };

function* eachTouch({ touched, demandTouched }: Touch, { store }: Context["state"]): Iterable<Touch> {
  const services = touched.all === true ? store.objects.services.keys() : touched.services;
  if (touched.topology || touched.all === true) yield { ...NOTHING, touched: { services: NO_NAMES, topology: true } };
  for (const key of services) yield { ...NOTHING, touched: { services: new Set([key]), topology: false } };
  for (const cluster of demandTouched) yield { ...NOTHING, demandTouched: new Set([cluster]) };
}

/** Where two changes that are published together come from. The first was reported first. */
function earlier(first: Origin | undefined, second: Origin): Origin {
  if (first === undefined) return second;
  const moments = [first.changedAt, second.changedAt].filter((moment) => moment !== undefined);
  return { reportedAt: first.reportedAt, changedAt: moments.length === 0 ? undefined : Math.min(...moments) };
}

/** Takes in what was derived, together with what is not published yet, and sees to it that its time is kept. */
function take(context: Context, { model, changed, removal, wakeAt }: DeriveOutput, origin: Origin): void {
  const { state, timers, clock } = context;
  const { unpublished } = state;
  state.model = model;
  state.unpublished = {
    origin: earlier(unpublished?.origin, origin),
    hasRemoval: removal || unpublished?.hasRemoval === true,
    changed: {
      workloads: (unpublished?.changed.workloads ?? NO_NAMES).union(changed.workloads),
      services: (unpublished?.changed.services ?? NO_NAMES).union(changed.services),
    },
  };
  if (wakeAt === undefined) timers.wake.cancel();
  else timers.wake.arm(Math.max(1, Math.ceil(wakeAt - clock.now())), () => rederive(context, {}));
}

/**
 * Derives at once and holds off only the publish: deriving is cheap, and only its outcome says whether an endpoint left,
 * which must not wait. (An endpoint also leaves by an apply.)
 */
export function rederive(context: Context, touch: Partial<Touch>, from: Partial<Origin> = {}): void {
  const { state, roster, clock, settings, failed } = context;
  const whole = { ...NOTHING, ...touch };
  const { reportedAt = clock.now(), changedAt } = from;
  const { objects } = state.store;
  const run = (part: Touch): void => {
    const input = { ...part, objects, demand: roster.demand, now: clock.now(), settings };
    take(context, derive(input, state.model), { reportedAt, changedAt });
  };
  carefully({ whole, parts: () => eachTouch(whole, state), run, failed: failed("derive") });
  publishWhenDue(context);
}

/** Gathers clusters whose demand may have changed, and looks at them together. */
export function listenToDemand(context: Context): void {
  const { state, timers, roster } = context;
  const look = (): void => {
    const demandTouched = new Set(state.demanded);
    state.demanded.clear();
    rederive(context, { demandTouched });
  };
  roster.onDemand((cluster) => {
    if (state.ended || !state.model.workloads.has(cluster)) return;
    state.demanded.add(cluster);
    if (!timers.demand.isArmed()) timers.demand.arm(DEMAND_MS, look);
  });
}
