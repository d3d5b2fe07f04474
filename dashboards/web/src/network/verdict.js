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

// { state, sentence, consequence } of one port of a network.
export function verdictOf(network, others) {
  const name = nameOf(network);
  const say = SENTENCES[network.state] ?? SENTENCES.insufficient;
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

// "Silently dropped, at the home router or the provider's first router."
function mannerOf({ mechanism, where }) {
  if (!mechanism) return "";
  const place = networkPlaceText(where);
  return endSentence(
    capital([mechanismText(mechanism), place].filter(Boolean).join(", ")),
  );
}

// Who is hit, and who is not.
function hitText({ state, port }, programs) {
  if (port !== 25) return programs;
  const server =
    state === "intercepted"
      ? "What a mail server here sends does not reach the servers it is meant for"
      : "A mail server here cannot deliver directly";
  return `${server}; ${programs.charAt(0).toLowerCase()}${programs.slice(1)}`;
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

export function citationOf(network, origin, now) {
  const day = new Date(now).toISOString().slice(0, 10);
  return `egress25, port ${network.port} of AS${network.asn} over IPv${network.family}: ${network.state}. ${origin}/as/${network.asn}?family=${network.family}, read ${day}.`;
}
