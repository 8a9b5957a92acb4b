const LEAST_WEIGHT = 0.1;

/** How often to draw a pod that has been connected for `ageMs`: from a tenth up to 1 over the window. No window: always 1. */
export const slowStartWeight = (ageMs: number, windowMs: number): number =>
  windowMs > 0 && ageMs < windowMs ? Math.max(LEAST_WEIGHT, ageMs / windowMs) : 1;
