// SPDX-License-Identifier: Apache-2.0
// From one target of a report to its picture: how far each port gets. Pure.
//
// Places along a lane are hops: 0 is the host, `end` the endpoint, and a wall
// after hop h stands at h + 0.5. A wall at null stands nowhere known.
import {
  endSentence,
  failureText,
  mechanismText,
  placeText,
  portRole,
} from "../shared/words.js";

const AT_HOST = 0.3;
const MAIL = { 25: 0, 587: 1, 465: 2 };
const ARRIVES = new Set([
  "drop-reply",
  "starttls-stripped",
  "tls-intercepted",
  "reset-after-connect",
  "stall-after-connect",
]);

// The newest probe of each port, with how often it was tried: 25, 587, 465,
// alternatives, then controls.
export function probesByPort(target) {
  const byPort = new Map();
  for (const probe of target.probes ?? []) {
    const before = byPort.get(probe.port);
    const tries = probe.tries ?? (before?.tries ?? 0) + 1;
    byPort.set(probe.port, { ...(addsNothing(probe, before) ? before : probe), tries });
  }
  return [...byPort.values()].sort(
    (a, b) => orderOf(a.port) - orderOf(b.port) || a.port - b.port,
  );
}

// A handshake behind a dialogue was counted: the dialogue says more.
const addsNothing = (probe, before) =>
  before && before.mode !== "connect" && probe.mode === "connect" && !probe.failure;

function orderOf(port) {
  if (port in MAIL) return MAIL[port];
  return portRole(port) === "control" ? 9 : 5;
}

// { end, zones: [{ zone, from, to, asns }], hasTrace, lanes }. The public form
// of a report has no hops, only how far the endpoint is and where a port stops.
export function pictureOf(target) {
  const paths = target.paths ?? [];
  const hops = hopsOf(paths);
  const distance = Math.max(
    0,
    ...(target.probes ?? []).map((probe) => probe.endpoint_hops ?? 0),
  );
  const hasTrace = hops.size > 0 || distance > 1;
  const end = hasTrace ? endOf(distance, paths, hops) : 2;
  return {
    hasTrace,
    end,
    zones: hops.size > 0 ? zonesOf(hops, end) : plainZones(hasTrace, end),
    lanes: probesByPort(target).map((probe) => laneOf(probe, target, end)),
  };
}

const plainZones = (hasTrace, end) => [
  { zone: "host", from: 0, to: 0, asns: [] },
  { zone: hasTrace ? "routers" : "not traced", from: 1, to: end - 1, asns: [] },
  { zone: "endpoint", from: end, to: end, asns: [] },
];

// What is known of a hop from any of the traces.
function hopsOf(paths) {
  const hops = new Map();
  for (const path of paths)
    for (const hop of path.hops ?? [])
      if (hop.answered || !hops.has(hop.ttl)) hops.set(hop.ttl, hop);
  return hops;
}

function endOf(distance, paths, hops) {
  const reached = paths
    .filter((path) => path.reached)
    .map(({ answer_ttl: ttl, hops: all }) => ttl ?? all.at(-1)?.ttl ?? 0);
  const known = Math.max(distance, ...reached);
  return known > 0 ? known : Math.max(...hops.keys()) + 1;
}

function zonesOf(hops, end) {
  const zones = [{ zone: "host", from: 0, to: 0, asns: [] }];
  for (let ttl = 1; ttl <= end; ttl++) {
    const hop = hops.get(ttl);
    const last = zones.at(-1);
    let zone = hop?.zone ?? null;
    if (ttl === end) zone = "endpoint";
    else if (!zone || zone === "endpoint")
      zone = last.zone === "host" ? "not known" : last.zone;
    if (last.zone !== zone) zones.push({ zone, from: ttl, to: ttl, asns: [] });
    zones.at(-1).to = ttl;
    if (hop?.asn && !zones.at(-1).asns.includes(hop.asn))
      zones.at(-1).asns.push(hop.asn);
  }
  return zones;
}

// The lane of one probe: state, dots, wall, and both in words.
export function laneOf(probe, target, end) {
  const path = (target.paths ?? []).find(({ port }) => port === probe.port);
  const shape = shapeOf(probe, end);
  const lane = {
    port: probe.port,
    role: portRole(probe.port),
    dots: dotsOf(path, shape, end),
    ...shape,
  };
  return { ...lane, description: descriptionOf(lane, end, Boolean(path)) };
}

// Hop by hop, whether a router answered this port's packets; beyond the wall
// none did. A port that was not traced has no dots.
function dotsOf(path, { reach }, end) {
  const dots = [];
  if (!path) return dots;
  const heard = new Set(
    path.hops.filter(({ answered }) => answered).map(({ ttl }) => ttl),
  );
  for (let ttl = 1; ttl < end; ttl++)
    dots.push({ ttl, answered: ttl <= reach && heard.has(ttl) });
  return dots;
}

function shapeOf(probe, end) {
  switch (probe.outcome) {
    case "reachable":
      return {
        state: portRole(probe.port) === "control" ? "control" : "open",
        reach: end,
        wall: null,
        words: "",
        result: resultOf(probe),
      };
    case "filtered":
    case "intercepted":
      return wallOf(probe, end);
    case "local":
      return {
        state: "filtered",
        reach: AT_HOST,
        wall: { at: AT_HOST, glyph: "insufficient" },
        words: wordsOf({ ...probe, where: probe.where ?? "host" }),
        result: "never left the host",
      };
    case "endpoint":
      return {
        state: "none",
        reach: end,
        wall: null,
        words: "",
        result: mechanismText(probe.mechanism),
        hollow: true,
      };
    default:
      return probe.mode === "connect" ? controlOf(probe, end) : unknownOf(probe);
  }
}

// A control is not diagnosed: it connects, or it does not.
function controlOf({ failure }, end) {
  const lane = { wall: null, words: "" };
  return failure
    ? { ...lane, ...NOWHERE, result: failureText(failure) }
    : { ...lane, state: "control", reach: end, result: "connects" };
}

const NOWHERE = { state: "none", reach: 0, hollow: true };

function unknownOf({ mechanism }) {
  return {
    ...NOWHERE,
    wall: null,
    words: "",
    result: mechanismText(mechanism) || "not known",
  };
}

function wallOf(probe, end) {
  const { mechanism, outcome } = probe;
  const arrives = ARRIVES.has(mechanism);
  const at = placeOf(probe, end, arrives);
  const turns = mechanism === "drop-reply";
  return {
    state: outcome,
    reach: arrives ? end : at ?? 0,
    wall: { at, glyph: outcome, turns, returns: mechanism === "reset" },
    words: wordsOf(probe),
    result: RESULTS[mechanism] ?? "never reached",
    hollow: !arrives,
  };
}

const RESULTS = {
  "drop-reply": "no reply comes back",
  "starttls-stripped": "greets, without STARTTLS",
  "tls-intercepted": "greets, with another key",
  "reset-after-connect": "connects, then is cut",
  "stall-after-connect": "connects, then nothing",
  throttle: "sometimes reached",
};

// Where the wall stands; no hop is invented where none is known, as where the
// first hops are silent on every port: it is behind any of them.
function placeOf({ where, after_hop: hop }, end, arrives) {
  if (where === "host") return AT_HOST;
  if (where === "link") return 0.5;
  if (where === "far-end") return end - 0.5;
  if (hop > 0) return Math.min(hop, end - 1) + 0.5;
  return arrives ? end - 0.5 : null;
}

function wordsOf({ mechanism, where, after_hop: hop }) {
  const what = mechanismText(mechanism);
  if (mechanism === "denied") return what; // it says where
  // What is lost on the way back is not lost after the last hop on the way out.
  if (where === "far-end") return `${what} ${placeText(where)}`;
  if (typeof hop === "number" && hop > 0 && where !== "host")
    return `${what} after hop ${hop}`;
  return where ? `${what} ${placeText(where)}` : what;
}

function resultOf({ mechanism, mode, smtp, smtp_code: code, tls, reply }) {
  if (mode === "connect") return "connects";
  const said = reply?.code ?? code ?? smtp?.code;
  if (mechanism === "rejected")
    return said ? `answers ${said}` : "is rejected by the endpoint";
  return tls?.version ? `greets, ${tlsText(tls.version)}` : "greets";
}

export function tlsText(version) {
  return version.replace(/^TLSv/, "TLS ");
}

function descriptionOf(lane, end, isTraced) {
  const name = lane.role === "control" ? "Control port" : "Port";
  const at = isTraced && lane.reach === end ? ` (hop ${end})` : "";
  if (lane.wall)
    return endSentence(`${name} ${lane.port}: ${lane.words}; ${lane.result}`);
  if (lane.hollow)
    return endSentence(`${name} ${lane.port}: ${lane.result}`);
  return `${name} ${lane.port}: reaches the endpoint${at}, ${lane.result}.`;
}
