// SPDX-License-Identifier: Apache-2.0
// What one person is told about his network, and what he can send. Pure.
import { dateText } from "../shared/time.js";
import { isBeyond } from "../network/verdict.js";
import { countText, endSentence, evidenceText, nameOf } from "../shared/words.js";

const ANSWERS = {
  filtered: "It is probably your network: port 25 is filtered there.",
  partial: "It may be your line: port 25 is filtered in parts of your network.",
  intercepted: "Somebody in your network answers in place of the mail servers.",
  open: "It is probably not your network: port 25 gets out there.",
};

// Its operator cannot lift what stands behind another's routers.
const BEYOND = {
  filtered: "It is on your way out, but not your network: port 25 is filtered beyond it.",
  partial: "It may be on your line’s way out, but not your network: port 25 is filtered beyond parts of it.",
  intercepted: "Somebody beyond your network answers in place of the mail servers.",
};

const NOT_KNOWN = "We cannot say yet.";

export function answerOf(network) {
  const beyond = network && isBeyond(network) ? BEYOND[network.state] : null;
  return beyond ?? ANSWERS[network?.state] ?? NOT_KNOWN;
}

// The figures behind it, in one sentence.
export function figuresOf(network) {
  if (!network) return "";
  const name = nameOf(network);
  const level = network.level ? ` (${network.level} evidence)` : "";
  const [blocked, open] = network.witnesses ?? [];
  const since =
    network.since && !network.since_is_first
      ? `, since ${dateText(network.since)}`
      : "";
  if (network.state === "filtered" && typeof blocked === "number")
    return `${blocked} of ${countText(blocked + open, "vantage point")} in ${name} cannot get out on port 25${since}${level}.`;
  if (network.state === "open" && typeof open === "number")
    return `${open} of ${countText(blocked + open, "vantage point")} in ${name} get out on port 25${since}${level}.`;
  return endSentence(`Seen by ${evidenceText(network)} of ${name}${since}${level}`);
}

// The port that a relay can be reached on from there: the first that is open.
export function relayPort(networks, family) {
  const state = (port) =>
    networks.find((one) => one.port === port && one.family === family)?.state;
  return [587, 465].find((port) => state(port) === "open") ?? null;
}

export function relayLines(port) {
  return [
    "# Postfix, main.cf",
    `relayhost = [relay.example.net]:${port}`,
    "smtp_sasl_auth_enable = yes",
    "smtp_sasl_password_maps = hash:/etc/postfix/relay",
    "smtp_tls_security_level = encrypt",
    ...(port === 465 ? ["smtp_tls_wrappermode = yes"] : []),
  ].join("\n");
}

const FAILS = {
  drop: "connections get no answer",
  "drop-reply": "the replies do not come back",
  reset: "connections are reset",
  icmp: "a router refuses connections",
  throttle: "connections are throttled",
  "reset-after-connect": "connections are cut right after they are made",
  "stall-after-connect": "connections are made and then carry nothing",
};

const failsText = (network) =>
  isBeyond(network)
    ? `Outbound TCP port 25 leaves your network and is stopped beyond it${network.upstream ? `, behind AS${network.upstream}` : ""}`
    : "Outbound TCP port 25 does not leave your network";

const requestText = (network) =>
  isBeyond(network)
    ? "Please ask there that it be opened, or send my line’s packets another way."
    : "Please open outbound port 25 for my line, or tell me on what terms you do so.";

// A letter to the provider: who I am, what fails and what works to the same
// hosts, how many lines since when, the request, thanks.
export function letterOf(network, networks, link) {
  const open = networks
    .filter((one) => one.family === network.family && one.port !== 25)
    .filter((one) => one.state === "open")
    .map((one) => one.port);
  const works = open.length
    ? `, while ports ${open.join(" and ")} to the same hosts work`
    : "";
  const how = FAILS[network.mechanism] ?? "connections fail";
  const lines = network.witnesses?.[0] ?? network.vantage_points;
  const since =
    network.since && !network.since_is_first
      ? ` since ${dateText(network.since)}`
      : "";
  return [
    "Subject: outbound port 25 on my line",
    "",
    "Hello,",
    "",
    `I run a mail server on my line with you. ${failsText(network)}: ${how}${works}.`,
    "",
    `Measurements from ${countText(lines, "line")} in AS${network.asn} show the same${since}: ${link}`,
    "",
    `${requestText(network)} Please also set the reverse DNS of my address to the name of my mail server, or tell me how I can.`,
    "",
    "Thank you.",
  ].join("\n");
}
