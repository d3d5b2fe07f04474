// SPDX-License-Identifier: Apache-2.0
// Words for people, after doc/contract.md. Pure.

// In the order of gravity.
export const STATES = [
  "filtered",
  "partial",
  "intercepted",
  "open",
  "inconsistent",
  "insufficient",
];

export const LEVELS = ["thin", "fair", "strong"];

const STATE_MEANINGS = {
  filtered: "vantage points agree that it does not get out",
  partial: "some parts are filtered, others open",
  intercepted: "somebody else answers in the endpoint’s place",
  open: "mail gets out",
  inconsistent: "the evidence contradicts itself",
  insufficient: "too little evidence to say",
};

const MECHANISMS = {
  open: "the dialogue passes",
  rejected: "endpoints reject, the network does not",
  drop: "silently dropped",
  "drop-reply": "replies lost",
  reset: "reset on the way",
  icmp: "refused by a router",
  throttle: "throttled",
  redirect: "answered by a proxy",
  "starttls-stripped": "STARTTLS removed",
  "tls-intercepted": "TLS key swapped",
  "reset-after-connect": "cut after connect",
  "stall-after-connect": "stalls after connect",
  denied: "refused by the sending host",
  down: "the server is down",
  refused: "the server refuses",
  silent: "not served there",
  broken: "the server ends it by itself",
  offline: "no connection",
  "no-route": "no route",
  resolve: "names do not resolve",
  "no-control": "nothing to compare with",
};

const PLACES = {
  host: "on the measuring host itself",
  access: "in the first router (at home the home router) or the next",
  path: "on the path to the endpoint",
  "far-end": "on the way back, or at the endpoint",
  link: "before the first router (a provider’s virtual switch, a bridge, or a rule of that router)",
  network: "in the network, at a place unknown",
  "host-or-path": "on the measuring host or in the network",
};

// Of many vantage points: no one home router is meant.
const NETWORK_PLACES = {
  ...PLACES,
  access: "between the customers’ own router and the provider’s first one",
};

// In whose network the lines of an accused one are stopped.
const STOPS = {
  own: "inside the network itself",
  border: "at the border of the network",
  upstream: "beyond the network, which is not charged with it",
  unknown: "not known",
};

const REACHES = {
  network: "all of the network",
  observed: "every line that was seen",
  "by-prefix": "some prefixes",
  "by-line": "some lines",
};

// The words of the contract that these pages explain.
export const MECHANISM_WORDS = Object.keys(MECHANISMS);
export const PLACE_WORDS = Object.keys(PLACES);
export const STOP_WORDS = Object.keys(STOPS);
export const REACH_WORDS = Object.keys(REACHES);

export const stopText = (stop) => STOPS[stop] ?? stop ?? "";
export const reachText = (reach) => REACHES[reach] ?? reach ?? "";

export const stateMeaning = (state) => STATE_MEANINGS[state] ?? "";

export function mechanismText(mechanism) {
  return mechanism ? MECHANISMS[mechanism] ?? mechanism : "";
}

// In a narrow cell, beside the state.
const BRIEF = { rejected: "endpoints reject" };

export const briefMechanismText = (mechanism) =>
  BRIEF[mechanism] ?? mechanismText(mechanism);

export const placeText = (where) => (where ? PLACES[where] ?? where : "");
export const networkPlaceText = (where) =>
  where ? NETWORK_PLACES[where] ?? where : "";

export function countText(count, one, many = `${one}s`) {
  return `${numberText(count)} ${count === 1 ? one : many}`;
}

// "12,345.5". By hand: the browser takes longer to load what it knows of
// languages than to say the overview's first sentence.
export function numberText(number) {
  const [whole, rest] = String(Number(number)).split(".");
  const grouped = whole.replace(/(?<=\d)(?=(\d{3})+$)/g, ",");
  return rest ? `${grouped}.${rest}` : grouped;
}

// A number and its unit stay on one line.
const PERCENT = "\u00a0%";

// 0.496 is "50 %"; null is "not known".
export function percentText(share) {
  return typeof share === "number" ? `${Math.round(share * 100)}${PERCENT}` : "not known";
}

// "84–100 %", and "100 %" where both ends are the same.
export function intervalText(low, high) {
  const from = Math.round(low * 100);
  const to = Math.round(high * 100);
  return from === to ? `${to}${PERCENT}` : `${from}–${to}${PERCENT}`;
}

// "14 vantage points in 11 prefixes"
export function evidenceText({ vantage_points: points, prefixes }) {
  return `${countText(points ?? 0, "vantage point")} in ${countText(
    prefixes ?? 0,
    "prefix",
    "prefixes",
  )}`;
}

// The name before the number; a network without a name is its number.
export function nameOf({ asn, name }) {
  return name || `AS${asn}`;
}

// A sentence that ends in a name does not get a second full stop.
export function endSentence(text) {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

export function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

// "587, 465 and 443"
export function listText(items) {
  if (items.length < 2) return items.join("");
  return `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;
}

let regions;

// The country's name in English; what has no name is shown as it is.
export function countryName(code) {
  if (!/^[A-Z]{2}$/.test(code ?? "")) return code ?? "";
  regions ??= new Intl.DisplayNames("en", { type: "region" });
  return regions.of(code) ?? code;
}

const ROLES = { 25: "SMTP", 587: "submission", 465: "SMTPS" };

// What a port is for. Other mail ports are alternatives; the rest are controls.
export function portRole(port) {
  if (ROLES[port]) return ROLES[port];
  return [2525, 2465, 2587].includes(Number(port)) ? "alternative" : "control";
}

const STAGES = {
  resolve: "resolve",
  connect: "connect",
  banner: "greeting",
  ehlo: "EHLO",
  starttls: "STARTTLS",
  tls: "TLS handshake",
  "ehlo-tls": "EHLO in TLS",
  done: "QUIT",
  dialogue: "dialogue",
};

export const stageText = (stage) => STAGES[stage] ?? stage ?? "";

const FAILURES = {
  resolve: "the name did not resolve",
  "no-route": "no route",
  denied: "the sending host refused",
  timeout: "no answer",
  refused: "refused",
  unreachable: "reported unreachable",
  reset: "reset",
  closed: "closed",
  protocol: "answered, but not as a mail server does",
  rejected: "rejected by the endpoint",
  "no-starttls": "STARTTLS not offered",
  tls: "TLS failed",
};

export const failureText = (failure) => FAILURES[failure] ?? failure ?? "";
