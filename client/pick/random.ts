import type { Strategy } from "./strategy.ts";

/** One drawn at random. */
export const random: Strategy = () => (_, draw) => draw();
