// SPDX-License-Identifier: Apache-2.0
// Words for people. Pure.

export const STATES = [
  "filtered",
  "intercepted",
  "partial",
  "inconsistent",
  "open",
  "insufficient",
];

const MECHANISMS = {
  open: "the dialogue passes",
  rejected: "endpoints reject, the network lets it through",
  drop: "dropped",
  "drop-reply": "replies dropped",
  reset: "reset by the path",
  icmp: "prohibited by ICMP",
  throttle: "throttled",
  redirect: "redirected to a proxy",
  "starttls-stripped": "STARTTLS stripped",
  "tls-intercepted": "TLS intercepted",
  "reset-after-connect": "reset after the handshake",
  "stall-after-connect": "stalled after the handshake",
  denied: "refused by the sending host",
  down: "endpoints down",
  refused: "refused by endpoints",
  silent: "not served by endpoints",
  broken: "endpoints end the dialogue",
  offline: "no connection",
  "no-route": "no route",
  resolve: "names do not resolve",
  "no-control": "nothing to compare with",
};

export function mechanismText(mechanism) {
  return mechanism ? MECHANISMS[mechanism] ?? mechanism : "";
}

const UNITS = [
  [86400, "day"],
  [3600, "hour"],
  [60, "minute"],
  [1, "second"],
];

// How long before `now` a time was, both in milliseconds: "3 hours ago".
export function ageText(then, now) {
  const seconds = Math.floor((now - then) / 1000);
  if (!Number.isFinite(seconds)) return "";
  if (seconds < 5) return "just now";
  const [size, name] = UNITS.find(([unit]) => seconds >= unit);
  const count = Math.floor(seconds / size);
  return `${count} ${name}${count === 1 ? "" : "s"} ago`;
}

export function countText(count, one, many = `${one}s`) {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}

// "reachable/open 12, filtered/drop 3"
export function outcomesText(outcomes) {
  return (outcomes ?? [])
    .map((o) => `${o.outcome}/${o.mechanism} ${o.probes.toLocaleString("en")}`)
    .join(", ");
}
