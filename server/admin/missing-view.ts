import { digest } from "../../snapshots/resources/version.ts";
import { shortName } from "../../snapshots/type-url.ts";
import type { MissingAnswer } from "./api.ts";
import { directoryOf, hintFor } from "./hint.ts";
import { allMissing, type Missing } from "./missing.ts";
import { type PageQuery, pageOf } from "./page.ts";
import { found, type Outcome, type ServedWorld } from "./route.ts";
import { cut, iso, optional, secondsSince } from "./shown.ts";

/** Those who wait longest come first. Names are clients' and may be long, so the key has their digest. */
const keyOf = ({ since, typeUrl, name }: Missing): string =>
  `${String(Math.floor(since)).padStart(15, "0")}-${digest(`${typeUrl} ${name}`)}`;

export function missingList({ published, roster, now }: ServedWorld, query: PageQuery): Outcome<MissingAnswer> {
  const { total, items, next } = pageOf(allMissing(published.snapshot, roster), keyOf, query);
  const directory = directoryOf(published);
  return found({
    total,
    ...optional("next", next),
    missing: items.map(({ typeUrl, name, since, streams }) => {
      const { code, message, nearest } = hintFor(typeUrl, name, directory);
      return {
        type: shortName(typeUrl),
        name: cut(name),
        since: iso(since),
        ageSeconds: secondsSince(since, now),
        streams,
        nearest: [...nearest],
        hint: { code, message },
      };
    }),
  });
}
