const SECRET = /token|secret|password|authorization|key/i;
const MASK = "***";

/** Deeper than any node's metadata; clients choose it, so there is an end. */
const MOST_LEVELS = 32;

function shown(value: unknown, level: number): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (level >= MOST_LEVELS) return "…";
  if (Array.isArray(value)) return value.map((item) => shown(item, level + 1));
  return withoutSecrets(value, level);
}

const withoutSecrets = (values: object, level: number): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, SECRET.test(key) ? MASK : shown(value, level + 1)]),
  );

/** Metadata as a client gave it, except what stands under a key that names a secret. */
export const masked = (metadata: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  withoutSecrets(metadata, 0);
