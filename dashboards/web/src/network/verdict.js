// SPDX-License-Identifier: Apache-2.0
// What is said of a network. Pure.
import { sinceText } from "../shared/time.js";
import {
  capital,
  countText,
  endSentence,
  listText,
  mechanismText,
  nameOf,
  networkPlaceText,
  stopText,
} from "../shared/words.js";

const PROGRAM_PORTS = [587, 465];

// `networks`: the items of /v1/networks/{asn}. The one of a port and family.
export function pick(networks, port, family) {
  return (
    networks.find(
      (network) => network.port === port && network.family === family,
    ) ?? null
  );
}

const SENTENCES = {
  filtered: (name, port) => `Port ${port} is filtered in ${name}`,
  open: (name, port) => `Port ${port} gets out of ${name}`,
  partial: (name, port) => `Port ${port} is filtered in parts of ${name}`,
  intercepted: (name, port) => `Port ${port} is intercepted in ${name}`,
  inconsistent: (name, port) =>
    `Port ${port} gives contradictory results in ${name}`,
  insufficient: (name, port) =>
    `We cannot say yet whether ${name} lets port ${port} out`,
};

// A filter beyond a network is not charged to it.
const BEYOND = {
  filtered: (name, port) => `Port ${port} is filtered beyond ${name}`,
  partial: (name, port) => `Port ${port} is filtered beyond parts of ${name}`,
  intercepted: (name, port) => `Port ${port} is intercepted beyond ${name}`,
};

export const isBeyond = ({ stopped_in: stop }) => stop === "upstream";

// { state, sentence, consequence } of one port of a network.
export function verdictOf(network, others) {
  const name = nameOf(network);
  const say =
    (isBeyond(network) && BEYOND[network.state]) ||
    (SENTENCES[network.state] ?? SENTENCES.insufficient);
  return {
    state: network.state,
    sentence: endSentence(say(name, network.port)),
    consequence: consequenceOf(network, others),
  };
}

function consequenceOf(network, others) {
  const { state } = network;
  const programs = programsText(others);
  if (state === "filtered" || state === "intercepted")
    return [mannerOf(network), hitText(network, programs)]
      .filter(Boolean)
      .join(" ");
  if (state === "partial")
    return `${mannerOf(network)} Whether a mail server can deliver depends on its line. ${programs}`.trim();
  if (state === "open")
    return `A mail server here can deliver directly. ${programs}`.trim();
  if (state === "inconsistent")
    return "The vantage points contradict each other, and no share is known.";
  return `${countText(network.vantage_points, "vantage point")} so far; we need at least two in different prefixes that agree.`;
}

// "Silently dropped, between the customers' own router and the provider's
// first one."
function mannerOf(network) {
  const { mechanism } = network;
  if (!mechanism) return "";
  return endSentence(
    capital([mechanismText(mechanism), placeOf(network)].filter(Boolean).join(", ")),
  );
}

// What is known of the hops' networks says more than "path"; a filter beyond
// the network is not its own.
function placeOf(network) {
  const { where, stopped_in: stop, upstream } = network;
  if (isBeyond(network))
    return `${upstream ? `behind AS${upstream}, ` : ""}${stopText(stop)}`;
  if (where === "path" && (stop === "own" || stop === "border"))
    return stopText(stop);
  return networkPlaceText(where);
}

const INTERCEPTED = {
  "starttls-stripped":
    "What a mail server here sends is not encrypted, and can be read on the way",
  "tls-intercepted":
    "What a mail server here sends can be read on the way, by who shows another key",
};

// What a mail server is in for.
export function serverText({ state, mechanism }) {
  return state === "intercepted"
    ? INTERCEPTED[mechanism] ??
        "What a mail server here sends does not reach the servers it is meant for"
    : "A mail server here cannot deliver directly";
}

// Who is hit, and who is not.
function hitText(network, programs) {
  if (network.port !== 25) return programs;
  return `${serverText(network)}; ${programs.charAt(0).toLowerCase()}${programs.slice(1)}`;
}

// Who else is hit: by the ports that mail programs use.
export function programsText(others) {
  const ports = PROGRAM_PORTS.map((port) => ({
    port,
    state: others.find((other) => other.port === port)?.state ?? null,
  }));
  const open = ports.filter(({ state }) => state === "open");
  const hit = ports.filter(({ state }) =>
    ["filtered", "partial", "intercepted"].includes(state),
  );
  const names = (list) => listText(list.map(({ port }) => String(port)));
  if (open.length === ports.length)
    return `Mail programs are not affected: ${names(open)} are open.`;
  const parts = [];
  if (open.length) parts.push(`${names(open)} is open`);
  for (const { port, state } of hit) parts.push(`${port} is ${state}`);
  if (parts.length === 0) return "Of 587 and 465 we know too little.";
  return `For mail programs ${listText(parts)}.`;
}

// Whether a share may be shown: not where nothing is known.
export function hasShare({ state, blocked_share: share }) {
  return (
    state !== "insufficient" &&
    state !== "inconsistent" &&
    typeof share?.mid === "number"
  );
}

// Since when it is so, and of the events (newest first) the one that said so:
// a verdict rests on late evidence, and may not know its own beginning.
export function sinceOf(network, events) {
  const { since, port, family, state } = network;
  const last = events.find((one) => one.port === port && one.family === family);
  if (since || last?.to !== state) return sinceText(network);
  return sinceText({
    since: last.at,
    since_is_first: last.from === "insufficient",
  });
}

// "14 of 14 vantage points stop at the same place."
export function stopsText({ stops, vantage_points: all }) {
  if (!stops?.length) return "";
  const most = stops.reduce((a, b) =>
    b.vantage_points > a.vantage_points ? b : a,
  );
  return `${most.vantage_points} of ${countText(all, "vantage point")} stop at the same place.`;
}

// "Passes to a, b; not to c."
export function destinationsText(destinations) {
  if (!destinations?.length) return "";
  const named = (passes) =>
    destinations
      .filter(({ outcome }) => (outcome === "reachable") === passes)
      .map(({ endpoint }) => endpoint);
  const through = named(true);
  const stopped = named(false);
  if (through.length === 0 || stopped.length === 0) return "";
  return `Passes to ${listText(through)}; not to ${listText(stopped)}.`;
}

// A sentence of the verdict for people: a code in brackets has its meaning.
export function becauseText(sentence) {
  const meant = sentence.replace(/\(([a-z-]+)\)/g, (_, code) => `(${mechanismText(code)})`);
  return endSentence(capital(meant));
}

export function citationOf(network, origin, now) {
  const day = new Date(now).toISOString().slice(0, 10);
  return `egress25, port ${network.port} of AS${network.asn} over IPv${network.family}: ${network.state}${isBeyond(network) ? ", beyond it" : ""}. ${origin}/as/${network.asn}?family=${network.family}, read ${day}.`;
}
