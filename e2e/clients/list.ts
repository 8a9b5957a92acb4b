/** All that is asked of a client. `alone`: it measures, and nothing else of ours may run beside it. */
export const SCENARIOS = {
  recognised: { title: "the server knows what client it is", alone: false },
  bootstrap: { title: "it starts with what evenkeel bootstrap prints for it", alone: false },
  "first-request": { title: "the first request is answered soon after the start", alone: true },
  "change-latency": { title: "a new pod gets its first request soon after it is ready", alone: true },
  "zone-shares": {
    title: "shares by zone are those of the assignment, within 3 points over 5,000 requests",
    alone: true,
  },
  "zone-weights": { title: "shares by zone follow when the weights change", alone: true },
  "zone-lost": { title: "in prefer mode, requests leave a zone that is lost, and come back with it", alone: false },
  "scale-to-zero": {
    title: "scaled to zero and back, requests that wait for ready are all answered",
    alone: false,
  },
  "scale-out": { title: "scaled from 1 pod to 50 and down to 3, no request fails", alone: false },
  "rolling-replace": { title: "a rolling replacement of all pods under traffic fails no request", alone: false },
  "created-later": { title: "a Service that is created 5 s after a client asked is served", alone: false },
  "recreated-same": { title: "a Service deleted and created again as it was is served again", alone: false },
  "recreated-other": { title: "a Service deleted and created again with other pods is served by those", alone: false },
  restarted: {
    title: "a server that restarts under traffic fails no request, and its client hears of later changes",
    alone: false,
  },
  away: { title: "while the server is away for 30 s, half of the pods may be replaced", alone: false },
  "one-of-two-dies": { title: "with two servers behind one target, one may die", alone: false },
  "not-yet-readable": { title: "a server that cannot read its source yet takes nothing away", alone: false },
  "broken-neighbour": { title: "a bad object beside good ones harms nobody", alone: false },
  ipv6: { title: "endpoints with IPv6 addresses serve", alone: false },
  "200-targets": { title: "200 targets in one process are all served", alone: false },
  "3000-endpoints": { title: "a Service with 3,000 endpoints is served, and its changes are seen", alone: false },
  timeout: { title: "policy timeout: a request is cut after it", alone: false },
  retry: { title: "policy retry-on: a failed request is sent again, so often and after such a time", alone: false },
  "max-requests": { title: "policy max-requests: more requests at once fail", alone: false },
  "hash-header": { title: "policy hash-header: one value leads to one pod", alone: false },
  "outlier-detection": { title: "policy outlier-detection: a pod that fails is left alone", alone: false },
  "two-choices": { title: "policy lb two_choices: a slow pod gets fewer requests", alone: false },
  "round-robin": { title: "policy lb round_robin: a slow pod gets as many requests as others", alone: false },
  serve: { title: "a server that asks for its listener serves, also while evenkeel is away", alone: false },
} as const satisfies Readonly<Record<string, { readonly title: string; readonly alone: boolean }>>;

export type ScenarioId = keyof typeof SCENARIOS;

export const SCENARIO_IDS = Object.keys(SCENARIOS) as readonly ScenarioId[];
