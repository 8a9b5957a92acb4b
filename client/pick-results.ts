import { experimental, Metadata, status } from "@grpc/grpc-js";

const { PickResultType } = experimental;
const NOTHING = { subchannel: null, onCallStarted: null, onCallEnded: null };

/** The request waits for the next picker. */
export const QUEUE: experimental.PickResult = { ...NOTHING, pickResultType: PickResultType.QUEUE, status: null };

const unavailable = (details: string) => ({ code: status.UNAVAILABLE, details, metadata: new Metadata() });

/** The request fails, unless it waits for ready. */
export const failed = (details: string): experimental.PickResult => ({
  ...NOTHING,
  pickResultType: PickResultType.TRANSIENT_FAILURE,
  status: unavailable(details),
});

/** The request fails, whether it waits for ready or not. */
export const dropped = (details: string): experimental.PickResult => ({
  ...NOTHING,
  pickResultType: PickResultType.DROP,
  status: unavailable(details),
});
