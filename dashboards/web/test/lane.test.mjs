// SPDX-License-Identifier: Apache-2.0
// The path diagram: what is drawn, and what it says, of each outcome.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { laneOf, pictureOf } from "../src/path/lane.js";
import {
  mainProbe,
  spokenProbe,
  targetsOf,
  typicalReport,
} from "../src/path/report.js";

const END = 9;
const PATHS = [
  {
    port: 25,
    reached: false,
    hops: [
      { ttl: 1, zone: "home", answered: true },
      { ttl: 2, zone: null, answered: false },
    ],
  },
];

const probe = (given) => ({ port: 25, mode: "starttls", ...given });
const drawn = (given) => laneOf(probe(given), { paths: PATHS }, END);

const rows = [
  [
    "an open port reaches the endpoint",
    { outcome: "reachable", mechanism: "open", tls: { version: "TLSv1.3" } },
    { state: "open", reach: 9, wall: undefined },
    "Port 25: reaches the endpoint (hop 9), greets, TLS 1.3.",
  ],
  [
    "a control is no mail port",
    { port: 443, mode: "connect", outcome: "reachable", mechanism: "open" },
    { state: "control", reach: 9, wall: undefined },
    "Control port 443: reaches the endpoint, connects.",
  ],
  [
    "a rejection gets through",
    { outcome: "reachable", mechanism: "rejected", reply: { code: 554 } },
    { state: "open", reach: 9, wall: undefined },
    "Port 25: reaches the endpoint (hop 9), answers 554.",
  ],
  [
    "a drop after a hop has its wall behind it",
    { outcome: "filtered", mechanism: "drop", where: "access", after_hop: 1 },
    { state: "filtered", reach: 1.5, wall: 1.5 },
    "Port 25: silently dropped after hop 1; never reached.",
  ],
  [
    "a drop before the first router",
    { outcome: "filtered", mechanism: "drop", where: "link", after_hop: 0 },
    { state: "filtered", reach: 0.5, wall: 0.5 },
    "Port 25: silently dropped before the first router (a provider’s virtual switch, a bridge, or a rule of that router); never reached.",
  ],
  [
    "a drop at a place unknown has a wall nowhere",
    { outcome: "filtered", mechanism: "drop", where: "network", after_hop: null },
    { state: "filtered", reach: 0, wall: null },
    "Port 25: silently dropped in the network, at a place unknown; never reached.",
  ],
  [
    "behind first hops that are silent the wall stands nowhere, not at the host",
    { outcome: "filtered", mechanism: "drop", where: "path", after_hop: 0 },
    { state: "filtered", reach: 0, wall: null },
    "Port 25: silently dropped on the path to the endpoint; never reached.",
  ],
  [
    "at the access, behind a first hop that is silent",
    { outcome: "filtered", mechanism: "drop", where: "access", after_hop: 0 },
    { state: "filtered", reach: 0, wall: null },
    "Port 25: silently dropped in the first router (at home the home router) or the next; never reached.",
  ],
  [
    "a drop on the host or in the network accuses neither",
    { outcome: "filtered", mechanism: "drop", where: "host-or-path" },
    { state: "filtered", reach: 0, wall: null },
    "Port 25: silently dropped on the measuring host or in the network; never reached.",
  ],
  [
    "a drop at the far end stands before the endpoint",
    { outcome: "filtered", mechanism: "drop", where: "far-end" },
    { state: "filtered", reach: 8.5, wall: 8.5 },
    "Port 25: silently dropped on the way back, or at the endpoint; never reached.",
  ],
  [
    "replies that are lost: the lane arrives",
    { outcome: "filtered", mechanism: "drop-reply", where: "far-end" },
    { state: "filtered", reach: 9, wall: 8.5, turns: true },
    "Port 25: replies lost on the way back, or at the endpoint; no reply comes back.",
  ],
  [
    "a reset has a return arrow",
    { outcome: "filtered", mechanism: "reset", where: "path", after_hop: 4 },
    { state: "filtered", reach: 4.5, wall: 4.5, returns: true },
    "Port 25: reset on the way after hop 4; never reached.",
  ],
  [
    "a router's refusal",
    { outcome: "filtered", mechanism: "icmp", where: "path", after_hop: 3 },
    { state: "filtered", reach: 3.5, wall: 3.5 },
    "Port 25: refused by a router after hop 3; never reached.",
  ],
  [
    "a throttle lets some through",
    { outcome: "filtered", mechanism: "throttle", where: "path", after_hop: 2 },
    { state: "filtered", reach: 2.5, wall: 2.5 },
    "Port 25: throttled after hop 2; sometimes reached.",
  ],
  [
    "cut after connect: the lane arrives",
    { outcome: "filtered", mechanism: "reset-after-connect", where: "path" },
    { state: "filtered", reach: 9, wall: 8.5 },
    "Port 25: cut after connect on the path to the endpoint; connects, then is cut.",
  ],
  [
    "a stall after connect",
    { outcome: "filtered", mechanism: "stall-after-connect", where: null },
    { state: "filtered", reach: 9, wall: 8.5 },
    "Port 25: stalls after connect; connects, then nothing.",
  ],
  [
    "a proxy answers",
    { outcome: "intercepted", mechanism: "redirect", where: "access", after_hop: 1 },
    { state: "intercepted", reach: 1.5, wall: 1.5 },
    "Port 25: answered by a proxy after hop 1; never reached.",
  ],
  [
    "STARTTLS removed: the lane arrives",
    { outcome: "intercepted", mechanism: "starttls-stripped", where: "path", after_hop: 2 },
    { state: "intercepted", reach: 9, wall: 2.5 },
    "Port 25: STARTTLS removed after hop 2; greets, without STARTTLS.",
  ],
  [
    "another TLS key, at the endpoint's edge",
    { outcome: "intercepted", mechanism: "tls-intercepted", where: "network" },
    { state: "intercepted", reach: 9, wall: 8.5 },
    "Port 25: TLS key swapped in the network, at a place unknown; greets, with another key.",
  ],
  [
    "the host's own rule stands in the host",
    { outcome: "local", mechanism: "denied", where: "host" },
    { state: "filtered", reach: 0.3, wall: 0.3 },
    "Port 25: refused by the sending host; never left the host.",
  ],
  ...[
    ["down", "the server is down"],
    ["refused", "the server refuses"],
    ["silent", "not served there"],
    ["broken", "the server ends it by itself"],
  ].map(([mechanism, text]) => [
    `of the endpoint's own: ${mechanism}`,
    { outcome: "endpoint", mechanism },
    { state: "none", reach: 9, wall: undefined },
    `Port 25: ${text}.`,
  ]),
  ...[
    ["offline", "no connection"],
    ["no-route", "no route"],
    ["resolve", "names do not resolve"],
    ["no-control", "nothing to compare with"],
  ].map(([mechanism, text]) => [
    `nothing is known: ${mechanism}`,
    { outcome: "unknown", mechanism },
    { state: "none", reach: 0, wall: undefined },
    `Port 25: ${text}.`,
  ]),
];

for (const [name, given, expected, words] of rows)
  test(`lane: ${name}`, () => {
    const { state, reach, wall, description } = drawn(given);
    const seen = { state, reach, wall: wall ? wall.at : undefined };
    if (wall?.turns) seen.turns = true;
    if (wall?.returns) seen.returns = true;
    assert.deepEqual(seen, expected);
    assert.equal(description, words);
  });

test("lane: every mechanism of the contract has a row", () => {
  const text = readFileSync(
    new URL("../../../lib/report/words.c", import.meta.url),
    "utf8",
  );
  const table = text.split("mechanism_words[")[1].split("};")[0];
  const words = [...table.matchAll(/"([^"]+)"/g)].map(([, word]) => word);
  const drawnOnes = rows.map(([, { mechanism }]) => mechanism);
  assert.deepEqual(
    words.filter((word) => !drawnOnes.includes(word)),
    [],
  );
});

const hop = (ttl, zone, more = {}) => ({ ttl, zone, answered: true, ...more });
const TARGET = {
  probes: [
    { port: 443, mode: "connect", outcome: "reachable", mechanism: "open" },
    { port: 465, mode: "tls", outcome: "reachable", mechanism: "open" },
    { port: 25, mode: "starttls", outcome: "filtered", mechanism: "drop", where: "access", after_hop: 1 },
  ],
  paths: [
    { port: 25, reached: false, hops: [hop(1, "home")] },
    {
      port: 443,
      reached: true,
      answer_ttl: 5,
      hops: [
        hop(1, "home"),
        hop(2, "provider", { asn: 64500 }),
        { ttl: 3, zone: null, answered: false },
        hop(4, "transit", { asn: 64510 }),
        hop(5, "endpoint"),
      ],
    },
  ],
};

test("picture: zones, a silent hop belonging to the one before it", () =>
  assert.deepEqual(
    pictureOf(TARGET).zones.map(({ zone, from, to }) => [zone, from, to]),
    [
      ["host", 0, 0],
      ["home", 1, 1],
      ["provider", 2, 3],
      ["transit", 4, 4],
      ["endpoint", 5, 5],
    ],
  ));

test("picture: mail ports first, controls last", () =>
  assert.deepEqual(
    pictureOf(TARGET).lanes.map(({ port }) => port),
    [25, 465, 443],
  ));

test("picture: without a trace three columns, and no invented hop", () => {
  const picture = pictureOf({ probes: TARGET.probes, paths: [] });
  assert.equal(picture.hasTrace, false);
  assert.deepEqual(
    picture.zones.map(({ zone }) => zone),
    ["host", "not traced", "endpoint"],
  );
  assert.deepEqual(picture.lanes.map(({ dots }) => dots), [[], [], []]);
});

test("picture: an endpoint that no trace reached stands behind the last hop", () =>
  assert.equal(
    pictureOf({ ...TARGET, paths: TARGET.paths.slice(0, 1) }).end,
    2,
  ));

test("picture: the public form has distances, and no hop is made up", () => {
  const picture = pictureOf({
    probes: [
      { port: 25, mode: "starttls", outcome: "filtered", mechanism: "drop", where: "path", after_hop: 2, endpoint_hops: 9 },
      { port: 25, mode: "starttls", outcome: "filtered", mechanism: "drop", where: "path", after_hop: 2, endpoint_hops: 9 },
      { port: 443, mode: "connect", outcome: null, failure: null },
      { port: 993, mode: "connect", outcome: null, failure: "timeout" },
    ],
    paths: [],
  });
  assert.equal(picture.end, 9);
  assert.deepEqual(
    picture.zones.map(({ zone, from, to }) => [zone, from, to]),
    [
      ["host", 0, 0],
      ["routers", 1, 8],
      ["endpoint", 9, 9],
    ],
  );
  assert.deepEqual(
    picture.lanes.map(({ port, state, wall, dots, result }) => [port, state, wall?.at, dots.length, result]),
    [
      [25, "filtered", 2.5, 0, "never reached"],
      [443, "control", undefined, 0, "connects"],
      [993, "none", undefined, 0, "no answer"],
    ],
  );
});

test("report: the typical one shows what the state says", () => {
  const row = (id, outcome, mechanism, family = 4) => ({ id: `${id}:0`, outcome, mechanism, family, port: 25 });
  const rows = [
    row("a", "reachable", "open"),
    row("b", "filtered", "icmp"),
    row("c", "filtered", "drop", 6),
    row("d", "filtered", "drop"),
  ];
  const network = { family: 4, port: 25, state: "filtered", mechanism: "drop" };
  assert.equal(typicalReport(rows, network), "d");
  assert.equal(typicalReport(rows, { ...network, mechanism: "reset" }), "b");
  assert.equal(typicalReport(rows, { ...network, state: "open", mechanism: "open" }), "a");
  assert.equal(typicalReport(rows, { ...network, state: "insufficient" }), null);
});

test("report: a probe takes its diagnosis, wherever that stands", () => {
  const said = { port: 25, outcome: "filtered", mechanism: "drop" };
  const [target] = targetsOf({
    targets: [{ probes: [{ port: 25 }], diagnoses: [said] }],
  });
  assert.equal(target.probes[0].outcome, "filtered");
});

test("report: the page is about what does not get through", () =>
  assert.equal(mainProbe(TARGET.probes).port, 25));

test("report: where the port was silent, another's dialogue is shown", () => {
  const spoke = { port: 587, smtp: { code: 220 } };
  assert.equal(spokenProbe([{ port: 25 }, spoke], { port: 25 }), spoke);
  assert.equal(spokenProbe([{ port: 25 }], { port: 25 }), null);
});

test("lane: what is lost on the way back is not said to be lost after a hop", () => {
  const probe = {
    port: 25,
    outcome: "filtered",
    mechanism: "drop-reply",
    where: "far-end",
    after_hop: 8,
  };
  const { words, wall } = laneOf(probe, { paths: [] }, 9);
  assert.equal(words, "replies lost on the way back, or at the endpoint");
  assert.equal(wall.at, 8.5);
});
