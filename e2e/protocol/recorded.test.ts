/** What real clients said, said again to the server of today: each answer in its turn, and nothing more. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { ClientAnswer, ClientsAnswer } from "../../server/admin/api.ts";
import { connectDelta, connectSotw } from "../harness/ads-client.ts";
import { type ControlPlane, startControlPlane } from "../harness/control-plane.ts";
import { manifest, nodes, service } from "../harness/objects.ts";
import type { RecordedDelta, RecordedSotw, Recording } from "./recording.ts";

const FOLDER = path.join(import.meta.dirname, "recorded");
const recordings = readdirSync(FOLDER).map((file): [string, Recording] => [
  path.basename(file, ".json"),
  JSON.parse(readFileSync(path.join(FOLDER, file), "utf8")),
]);

/** In which a further answer comes that nothing has to cause; the first of a type always comes, and so does one that was caused. */
const SOON_MS = 1000;
const SURELY_MS = 30_000;
/** In which an answer too many would come. */
const QUIET_MS = 200;

const world = (pods: number): string =>
  manifest(
    ...nodes("r", "a"),
    ...service({
      name: "greeter",
      pods: Array.from({ length: pods }, (_, i) => ({ address: `10.0.0.${i + 1}`, port: 8080, zone: "a" })),
    }),
  );

interface Response {
  readonly typeUrl: string;
  readonly nonce: string;
}

/**
 * The responses of a replay by the nonces that the recorded client answered: the same in number and order for each type. Where
 * one is awaited that nothing causes yet, another pod comes, as it did when the client was recorded.
 */
function answersTo<R extends Response>(plane: ControlPlane, next: (withinMs: number) => Promise<R>) {
  const byType = new Map<string, R[]>();
  const nonces = new Map<string, string[]>();
  let pods = 1;
  const received = (typeUrl: string): R[] => {
    const known = byType.get(typeUrl) ?? [];
    byType.set(typeUrl, known);
    return known;
  };
  const until = async (typeUrl: string, count: number): Promise<void> => {
    while (received(typeUrl).length < count) {
      const response = await next(received(typeUrl).length === 0 ? SURELY_MS : SOON_MS).catch(async () => {
        pods += 1;
        await plane.apply(world(pods));
        return next(SURELY_MS);
      });
      received(response.typeUrl).push(response);
    }
  };
  return {
    /** The response that stands for the one that was answered with this nonce. */
    to: async ({ typeUrl, nonce }: Response): Promise<R | undefined> => {
      if (nonce === "") return undefined;
      const known = nonces.get(typeUrl) ?? [];
      nonces.set(typeUrl, known);
      if (!known.includes(nonce)) known.push(nonce);
      const index = known.indexOf(nonce);
      await until(typeUrl, index + 1);
      return received(typeUrl)[index];
    },
  };
}

const nodeOf = ({ node }: RecordedSotw | RecordedDelta = {} as RecordedSotw) => ({
  id: node?.id ?? "",
  userAgentName: node?.userAgentName ?? "",
  userAgentVersion: node?.userAgentVersion ?? "",
  features: node?.features ?? [],
  region: node?.region ?? "",
  zone: node?.zone ?? "",
  metadata: node?.metadata ?? {},
});

async function replaySotw(plane: ControlPlane, requests: readonly RecordedSotw[]) {
  const client = connectSotw(plane.xds, nodeOf(requests[0]));
  const answers = answersTo(plane, client.next);
  const versions = new Map<string, string>();
  for (const { typeUrl, names, nonce, versionInfo, error } of requests) {
    const answered = await answers.to({ typeUrl, nonce });
    if (answered !== undefined && error === undefined) versions.set(versionInfo, answered.versionInfo);
    const more = error === undefined ? {} : { error };
    const version = versions.get(versionInfo) ?? versionInfo;
    client.ask(typeUrl, { names, version, nonce: answered?.nonce ?? "", ...more });
  }
  return client;
}

async function replayDelta(plane: ControlPlane, requests: readonly RecordedDelta[]) {
  const client = connectDelta(plane.xds, nodeOf(requests[0]));
  const answers = answersTo(plane, client.next);
  for (const { typeUrl, subscribe, unsubscribe, initialVersions: initial, nonce, error } of requests) {
    const answered = await answers.to({ typeUrl, nonce });
    const more = error === undefined ? {} : { error };
    client.ask(typeUrl, { subscribe, unsubscribe, initial, nonce: answered?.nonce ?? "", ...more });
  }
  return client;
}

/** How the one stream that there is stands with each type. */
async function standing({ admin }: ControlPlane): Promise<readonly string[]> {
  const list = (await (await fetch(`${admin}/v1/clients`)).json()) as ClientsAnswer;
  const id = list.nodes[0]?.streams[0]?.id ?? "none";
  const { types } = (await (await fetch(`${admin}/v1/clients/${id}`)).json()) as ClientAnswer;
  return types.map(({ state }) => state);
}

type Requests = readonly (RecordedSotw | RecordedDelta)[];

const isAnswered = (requests: Requests): boolean => requests.some(({ nonce }) => nonce !== "");

const replay = (plane: ControlPlane, { variant }: Recording, requests: Requests) =>
  variant === "sotw"
    ? replaySotw(plane, requests as readonly RecordedSotw[])
    : replayDelta(plane, requests as readonly RecordedDelta[]);

describe.each(recordings)("%s", (_, recording) => {
  const streams = recording.streams.map((requests, i): [number, Requests] => [i + 1, requests]);
  test.each(streams.filter(([, requests]) => isAnswered(requests)))(
    "stream %i is answered as often as it was, ends in sync, and is not ended",
    async (_number, requests) => {
      await using plane = await startControlPlane({ manifests: world(1) });
      using client = await replay(plane, recording, requests);
      await delay(QUIET_MS);
      expect(client.responses.waiting).toEqual([]);
      expect([...new Set(await standing(plane))]).toEqual(["in-sync"]);
      expect(await Promise.race([client.ended, delay(0, "goes on")])).toBe("goes on");
    },
  );
});

const unanswered = recordings.flatMap(([name, recording]) =>
  recording.streams.flatMap((requests: Requests, i): [string, number, Recording, Requests][] =>
    isAnswered(requests) ? [] : [[name, i + 1, recording, requests]],
  ),
);

test.each(unanswered)(
  "%s stream %i, on which nothing was answered, is not ended",
  async (_name, _i, recording, requests) => {
    await using plane = await startControlPlane({ manifests: world(1) });
    using client = await replay(plane, recording, requests);
    await delay(QUIET_MS);
    expect(await Promise.race([client.ended, delay(0, "goes on")])).toBe("goes on");
  },
);

test("every recording has a first connection and a further one", () => {
  expect(recordings.filter(([, { streams }]) => streams.length < 2).map(([name]) => name)).toEqual([]);
});
