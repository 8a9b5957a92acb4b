import { ClusterLoadAssignment } from "../../gen/envoy/config/endpoint/v3/endpoint.ts";
import { LocalityLbEndpoints } from "../../gen/envoy/config/endpoint/v3/endpoint_components.ts";

type Pieces = readonly Uint8Array[];

/** Tag of a length-delimited field 2: `ClusterLoadAssignment.endpoints`. */
const LOCALITY_TAG = 0x12;

const NOTHING = new Uint8Array();

const lengthOf = (pieces: Pieces): number => {
  let length = 0;
  for (const piece of pieces) length += piece.length;
  return length;
};

/** Tag and length of a locality, as a protobuf varint. */
function localityHeader(length: number): Uint8Array {
  const bytes = [LOCALITY_TAG];
  let rest = length;
  for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  bytes.push(rest);
  return Uint8Array.from(bytes);
}

/** A locality field: its name, its endpoints, then its weight and priority, in the order of the ordinary encoder. */
function localityPieces(frame: LocalityLbEndpoints, endpoints: Uint8Array): Pieces {
  const name = LocalityLbEndpoints.encode(LocalityLbEndpoints.fromPartial({ locality: frame.locality })).finish();
  const rest = LocalityLbEndpoints.encode({ ...frame, locality: undefined }).finish();
  const header = localityHeader(name.length + endpoints.length + rest.length);
  return [header, name, endpoints, rest];
}

function joined(pieces: Pieces): Uint8Array {
  const bytes = new Uint8Array(lengthOf(pieces));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

/**
 * Encodes an assignment around endpoints that are encoded already: by locality, all its `lb_endpoints` fields. The
 * frame's own localities hold none. The bytes are those that the ordinary encoder writes for the whole message.
 */
export function spliced(frame: ClusterLoadAssignment, endpoints: readonly Uint8Array[]): Uint8Array {
  const name = ClusterLoadAssignment.encode(ClusterLoadAssignment.fromPartial({ clusterName: frame.clusterName }));
  const rest = ClusterLoadAssignment.encode({ ...frame, clusterName: "", endpoints: [] });
  const localities = frame.endpoints.flatMap((locality, i) => localityPieces(locality, endpoints[i] ?? NOTHING));
  return joined([name.finish(), ...localities, rest.finish()]);
}
