/** How much of everything a run takes. */
export interface Size {
  /** Connected clients where pushes are measured. */
  readonly clients: number;
  readonly idleClients: readonly number[];
  readonly stormClients: number;
  readonly rounds: number;
  /** How long the served system is left alone before it is called idle. */
  readonly settleMs: number;
  readonly services: { readonly few: number; readonly many: number };
  readonly changes: number;
  readonly starts: number;
  /** Of 100 endpoints each, in the cluster that is read. */
  readonly slices: number;
}

/** What the aims are about. */
export const FULL: Size = {
  clients: 1000,
  idleClients: [1000, 5000],
  stormClients: 5000,
  rounds: 40,
  settleMs: 12_000,
  services: { few: 100, many: 10_000 },
  changes: 300,
  starts: 7,
  slices: 500,
};

/** Only shows that everything runs. */
export const SMOKE: Size = {
  clients: 30,
  idleClients: [30],
  stormClients: 100,
  rounds: 3,
  settleMs: 100,
  services: { few: 10, many: 100 },
  changes: 5,
  starts: 1,
  slices: 5,
};
