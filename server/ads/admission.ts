import type { Clock } from "../clock.ts";
import { takeOne } from "./bucket.ts";
import type { XdsOptions } from "./options.ts";

/** Who may connect: so many per second, and so many at once from one address (E5). */
export interface Admission {
  /** Why a connection is refused; undefined where it is let in, and then it must be given back by `left`. */
  refuses(address: string): "address" | "rate" | undefined;
  left(address: string): void;
}

export function createAdmission({ connections, maxConnectionsPerAddress }: XdsOptions, clock: Clock): Admission {
  const perAddress = new Map<string, number>();
  let bucket = clock.now();
  const add = (address: string, by: 1 | -1): void => {
    const count = (perAddress.get(address) ?? 0) + by;
    if (count === 0) perAddress.delete(address);
    else perAddress.set(address, count);
  };
  return {
    refuses: (address) => {
      if ((perAddress.get(address) ?? 0) >= maxConnectionsPerAddress) return "address";
      const taken = takeOne(bucket, connections, clock.now());
      if (taken === undefined) return "rate";
      bucket = taken;
      add(address, 1);
      return undefined;
    },
    left: (address) => add(address, -1),
  };
}
