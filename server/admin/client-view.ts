import type { ZoneClass } from "../../snapshots/balance/zone.ts";
import { unfollowed } from "../../snapshots/followed.ts";
import { nearest } from "../../snapshots/nearest.ts";
import { type ClientKind, kindOf } from "../../snapshots/resources/client-kind.ts";
import { CLUSTER, shortName } from "../../snapshots/type-url.ts";
import type { Member, Roster, TypeStatus } from "../roster.ts";
import type { ClientAnswer, ClientsAnswer, ClientsQuery } from "./api.ts";
import { masked } from "./masked.ts";
import { pageOf } from "./page.ts";
import { failure, found, type Outcome, type World } from "./route.ts";
import { cut, iso, optional, secondsSince } from "./shown.ts";

type StreamAnswer = ClientsAnswer["nodes"][number]["streams"][number];
type TypeAnswer = ClientAnswer["types"][number];
type Standing = Pick<TypeAnswer, "state" | "ageSeconds">;

/** Old grpc-go names a type of which it wants nothing any more again when it connects. */
const asksForNothing = ({ names, wildcard }: TypeStatus): boolean => names.length === 0 && !wildcard;

/** How a stream stands with one type, and for how long. */
function standing(status: TypeStatus, member: Member, now: number): Standing {
  const { sentVersion, sentAt, ackedVersion, ackedAt, refused } = status;
  if (refused !== undefined) return { state: "refused", ageSeconds: secondsSince(refused.at, now) };
  if (sentAt === undefined) {
    return { state: asksForNothing(status) ? "in-sync" : "waiting", ageSeconds: secondsSince(member.since, now) };
  }
  // Both: content may go back to what it was, and an answer may be to an older response.
  const acked = ackedAt !== undefined && ackedVersion === sentVersion && ackedAt >= sentAt;
  return acked
    ? { state: "in-sync", ageSeconds: secondsSince(ackedAt, now) }
    : { state: "stale", ageSeconds: secondsSince(sentAt, now) };
}

function placeOf(zoneClass: ZoneClass) {
  const { node } = zoneClass;
  if (zoneClass.kind === "unknown") return optional("node", node);
  const { region, zone } = zoneClass.zone;
  return { zone: { region, zone }, ...optional("node", node) };
}

const streamFields = (member: Member, now: number) => ({
  id: member.id,
  variant: member.variant,
  kind: member.kind,
  userAgent: cut(`${member.node.userAgentName} ${member.node.userAgentVersion}`.trim()),
  ...placeOf(member.zoneClass),
  zoneFrom: member.zoneFrom,
  peer: member.peer,
  since: iso(member.since),
  ageSeconds: secondsSince(member.since, now),
});

const streamLine = (member: Member, now: number): StreamAnswer => ({
  ...streamFields(member, now),
  types: member.status().map((status) => ({
    type: shortName(status.typeUrl),
    ...standing(status, member, now),
    names: status.names.length,
    unresolved: status.unresolved.length,
  })),
});

const isIn = ({ zoneClass }: Member, zone: string): boolean =>
  zoneClass.kind === "known" ? zoneClass.zone.zone === zone : zone === "unknown";

/** `grpc` stands for that of every language. */
const isOfKind = ({ kind }: Member, wanted: ClientKind): boolean =>
  kind === wanted || (wanted === "grpc" && kind.startsWith("grpc-"));

function wanted(member: Member, { kind, zone, state }: ClientsQuery, now: number): boolean {
  if (kind !== undefined && !isOfKind(member, kind)) return false;
  if (zone !== undefined && !isIn(member, zone)) return false;
  return state === undefined || member.status().some((status) => standing(status, member, now).state === state);
}

/** Pages go by stream, since node ids are neither unique nor short; a node may continue on the next page. */
export function clientList({ roster, now }: World, query: ClientsQuery): Outcome<ClientsAnswer> {
  const members = [...roster.members()].filter((member) => wanted(member, query, now));
  const { total, items, next } = pageOf(members, ({ id }) => id, query);
  const byNode = [...Map.groupBy(items, ({ node }) => node.id)];
  return found({
    total,
    ...optional("next", next),
    nodes: byNode.map(([nodeId, streams]) => ({
      nodeId: cut(nodeId),
      streams: streams.map((member) => streamLine(member, now)),
    })),
  });
}

const MOST_NAMES = 1000;

const shownNames = (names: readonly string[]): string[] => names.toSorted().slice(0, MOST_NAMES).map(cut);

const moment = (version: string | undefined, at: number | undefined, now: number) =>
  version === undefined || at === undefined ? undefined : { version, ageSeconds: secondsSince(at, now) };

const refusal = ({ refused }: TypeStatus, now: number) =>
  refused && { version: refused.version, message: refused.message, ageSeconds: secondsSince(refused.at, now) };

const typeAnswer = (status: TypeStatus, member: Member, now: number): TypeAnswer => ({
  type: shortName(status.typeUrl),
  ...standing(status, member, now),
  wildcard: status.wildcard,
  names: shownNames(status.names),
  namesTotal: status.names.length,
  unresolved: shownNames(status.unresolved),
  unresolvedTotal: status.unresolved.length,
  ...optional("sent", moment(status.sentVersion, status.sentAt, now)),
  ...optional("acked", moment(status.ackedVersion, status.ackedAt, now)),
  ...optional("refused", refusal(status, now)),
});

/** Whoever gives a node id meant the streams of that node. */
function likelyIds(id: string, roster: Roster): readonly string[] {
  const members = [...roster.members()];
  const ofNode = members.filter(({ node }) => node.id === id).map((member) => member.id);
  return ofNode.length > 0
    ? ofNode.slice(0, 10)
    : nearest(
        id,
        members.map((member) => member.id),
      );
}

/** What the Services whose clusters it holds ask for, and it does not do. */
function unfollowedBy(member: Member, published: World["published"]): ClientAnswer["unfollowed"] {
  const { kind, node } = member;
  const names = member.status().find(({ typeUrl }) => typeUrl === CLUSTER)?.names ?? [];
  return names
    .toSorted()
    .slice(0, MOST_NAMES)
    .flatMap((cluster) => {
      const workload = published?.snapshot.workloads.get(cluster);
      const missing = workload && unfollowed(kind, node.userAgentVersion, workload.spec.policy);
      return (missing ?? []).map((one) => ({ cluster, ...one }));
    });
}

export function oneClient({ roster, published, now }: World, id: string): Outcome<ClientAnswer> {
  const member = roster.get(id);
  if (member === undefined) {
    const hint = { nearest: likelyIds(id, roster) };
    return failure(404, "no-such-client", `there is no stream with id ${JSON.stringify(id)}; see /v1/clients`, hint);
  }
  const { features, metadata, ...node } = member.node;
  return found({
    ...streamFields(member, now),
    kindInWords: kindOf(member.kind).title,
    sentOtherwise: [...kindOf(member.kind).differs],
    unfollowed: unfollowedBy(member, published),
    nodeInfo: { ...node, features: [...features], metadata: masked(metadata) },
    types: member.status().map((status) => typeAnswer(status, member, now)),
  });
}
