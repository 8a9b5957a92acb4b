/** Where requests went: as much of a locality as a report names. */
export interface Place {
  readonly region: string;
  readonly zone: string;
  readonly subZone: string;
}

/** Requests to one locality of one cluster. All but those in progress count since the last report. */
export interface Tally {
  issued: number;
  succeeded: number;
  failed: number;
  inProgress: number;
}

export interface LocalityLoad extends Tally {
  readonly place: Place;
}

/** What happened to one cluster since the last report. */
export interface ClusterLoad {
  readonly cluster: string;
  readonly localities: readonly LocalityLoad[];
  /** Refused before a pod was picked; by the server's wish under its category, by the limit of the cluster under "". */
  readonly dropped: ReadonlyMap<string, number>;
}

interface Account {
  readonly tallies: Map<string, { readonly place: Place; readonly tally: Tally }>;
  dropped: Map<string, number>;
}

/** Counts what all channels of a process send to the clusters of a server. */
export interface Ledger {
  /** To be counted in by whoever sends to that locality. */
  tally(cluster: string, place: Place): Tally;
  drop(cluster: string, category: string): void;
  /** Everything since it was asked last, of those clusters; undefined is of all. What is not reported is kept. */
  report(clusters: ReadonlySet<string> | undefined): readonly ClusterLoad[];
}

const isActive = ({ issued, succeeded, failed, inProgress }: Tally): boolean =>
  issued + succeeded + failed + inProgress > 0;

function closed(cluster: string, account: Account): ClusterLoad {
  const localities = [...account.tallies.values()]
    .filter(({ tally }) => isActive(tally))
    .map(({ place, tally }) => ({ place, ...tally }));
  for (const { tally } of account.tallies.values()) Object.assign(tally, { issued: 0, succeeded: 0, failed: 0 });
  const { dropped } = account;
  account.dropped = new Map();
  return { cluster, localities, dropped };
}

export function createLedger(): Ledger {
  const accounts = new Map<string, Account>();
  const accountOf = (cluster: string): Account => {
    const account = accounts.get(cluster) ?? { tallies: new Map(), dropped: new Map() };
    accounts.set(cluster, account);
    return account;
  };
  return {
    tally: (cluster, place) => {
      const { tallies } = accountOf(cluster);
      const key = JSON.stringify([place.region, place.zone, place.subZone]);
      const known = tallies.get(key)?.tally;
      if (known !== undefined) return known;
      const tally: Tally = { issued: 0, succeeded: 0, failed: 0, inProgress: 0 };
      tallies.set(key, { place, tally });
      return tally;
    },
    drop: (cluster, category) => {
      const { dropped } = accountOf(cluster);
      dropped.set(category, (dropped.get(category) ?? 0) + 1);
    },
    report: (clusters) =>
      [...accounts]
        .filter(([cluster]) => clusters?.has(cluster) ?? true)
        .map(([cluster, account]) => closed(cluster, account))
        .filter(({ localities, dropped }) => localities.length > 0 || dropped.size > 0),
  };
}
