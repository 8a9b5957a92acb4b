/** The transport rule: demand and capacity in, flow out. */
import { emptyFlow, type Flow, type Part, type Row } from "./flow.ts";
import { compareZones, type Zone, type ZoneKey, zoneKey } from "./zone.ts";

/** What rounding leaves where the exact rule gives nothing: below this part of a row nothing is sent. */
const DUST = 1e-10;

interface Taker {
  readonly zone: Zone;
  left: number;
}

interface Giver {
  readonly zone: Zone;
  left: number;
  readonly sent: Map<Taker, number>;
}

const sumLeft = (sides: readonly { readonly left: number }[]): number => sides.reduce((sum, { left }) => sum + left, 0);

const send = (giver: Giver, taker: Taker, amount: number): void => {
  giver.sent.set(taker, (giver.sent.get(taker) ?? 0) + amount);
};

/** Stage 1: every zone that is not too small serves what it can of its own demand. */
function serveLocally(givers: readonly Giver[], takers: readonly Taker[], tooSmall: ReadonlySet<ZoneKey>): void {
  const large = takers.filter(({ zone }) => !tooSmall.has(zoneKey(zone)));
  const byZone = new Map(large.map((taker) => [zoneKey(taker.zone), taker]));
  for (const giver of givers) {
    const taker = byZone.get(zoneKey(giver.zone));
    if (taker === undefined) continue;
    const local = Math.min(giver.left, taker.left);
    send(giver, taker, local);
    giver.left -= local;
    taker.left -= local;
  }
}

/** Stages 2 and 3: moves as much as can be, each side in proportion to what it has left. */
function spread(givers: readonly Giver[], takers: readonly Taker[]): void {
  const wanted = sumLeft(givers);
  const open = sumLeft(takers);
  if (wanted === 0 || open === 0) return;
  const most = Math.max(wanted, open);
  const giving = givers.filter(({ left }) => left > 0);
  const taking = takers.filter(({ left }) => left > 0);
  for (const giver of giving) for (const taker of taking) send(giver, taker, (giver.left * taker.left) / most);
  for (const giver of giving) giver.left *= (most - open) / most;
  for (const taker of taking) taker.left *= (most - wanted) / most;
}

function rowOf({ sent }: Giver, takers: readonly Taker[], dust: number): Row {
  const amounts = takers.map((taker) => ({ zone: taker.zone, part: sent.get(taker) ?? 0 }));
  const total = amounts.reduce((sum, { part }) => sum + part, 0);
  const kept = amounts.filter(({ part }) => part > total * dust);
  const keptTotal = kept.reduce((sum, { part }) => sum + part, 0);
  return kept.map(({ zone, part }) => ({ zone, part: part / keptTotal }));
}

const ordered = (parts: readonly Part[]): readonly Part[] =>
  parts.filter(({ part }) => part > 0).toSorted((a, b) => compareZones(a.zone, b.zone));

/** Sends all that the three stages send. Both sides in order of zone. */
function transport({ demand, capacity, tolerance, tooSmall }: Omit<Flow, "rows">) {
  const givers = demand.map(({ zone, part }): Giver => ({ zone, left: part, sent: new Map() }));
  const takers = capacity.map(({ zone, part }): Taker => ({ zone, left: part * (1 + tolerance) }));
  serveLocally(givers, takers, tooSmall);
  const takersOf = Map.groupBy(takers, ({ zone }) => zone.region);
  for (const [region, own] of Map.groupBy(givers, ({ zone }) => zone.region)) spread(own, takersOf.get(region) ?? []);
  spread(givers, takers);
  return { givers, takers };
}

/** Splits the demand of every zone over the capacity of all, nearest first, no endpoint above its fair share (1 + t). */
export function spill(
  demandParts: readonly Part[],
  capacityParts: readonly Part[],
  tolerance: number,
  tooSmall: ReadonlySet<ZoneKey> = emptyFlow.tooSmall,
): Flow {
  const sides = { demand: ordered(demandParts), capacity: ordered(capacityParts), tolerance, tooSmall };
  const { givers, takers } = transport(sides);
  const rows = new Map(givers.map((giver) => [zoneKey(giver.zone), rowOf(giver, takers, DUST)]));
  return { ...sides, rows };
}

/** So little demand that it changes nobody else's row. */
const VANISHING = 1e-9;
/** Below this a part of such a row is rounding, or what vanishes with the demand. */
const VANISHED = 1e-6;

/** The limit of the rule for a zone of that region, without stage 1 and with demand that goes to nothing. */
function limitRow(flow: Flow, region: string): Row {
  const newcomer = { zone: { region, zone: "\0" }, part: VANISHING };
  const others = flow.demand.map(({ zone, part }) => ({ zone, part: part * (1 - VANISHING) }));
  const { givers, takers } = transport({ ...flow, demand: ordered([...others, newcomer]) });
  return givers.filter(({ zone }) => zone === newcomer.zone).flatMap((giver) => rowOf(giver, takers, VANISHED));
}

/** Reads the row of any zone, also of one without demand: what the rule gives it as its demand goes to nothing. */
export function rowReader(flow: Flow): (zone: Zone) => Row {
  const serving = new Set(flow.capacity.map(({ zone }) => zoneKey(zone)).filter((key) => !flow.tooSmall.has(key)));
  const limits = new Map<string, Row>();
  return (zone) => {
    const row = flow.rows.get(zoneKey(zone));
    if (row !== undefined) return row;
    if (serving.has(zoneKey(zone))) return [{ zone, part: 1 }];
    const limit = limits.get(zone.region) ?? limitRow(flow, zone.region);
    limits.set(zone.region, limit);
    return limit;
  };
}

/** The row of one zone, as `rowReader` reads it. */
export const rowFor = (flow: Flow, zone: Zone): Row => rowReader(flow)(zone);
