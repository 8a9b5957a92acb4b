import { ApiVersion, type ConfigSource } from "../../gen/envoy/config/core/v3/config_source.ts";

/** "Ask for it on the stream that you got this on": the only source that every client accepts. */
export const ADS_SOURCE: ConfigSource = {
  authorities: [],
  configSourceSpecifier: { $case: "ads", value: {} },
  initialFetchTimeout: undefined,
  resourceApiVersion: ApiVersion.V3,
};

/** "The server that you got this from": all that gRPC accepts for reports of load. */
export const SELF_SOURCE: ConfigSource = {
  ...ADS_SOURCE,
  configSourceSpecifier: { $case: "self", value: { transportApiVersion: ApiVersion.V3 } },
};
