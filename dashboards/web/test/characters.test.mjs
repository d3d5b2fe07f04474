// SPDX-License-Identifier: Apache-2.0
// The path diagram and the picture that `check` prints are one picture: of the
// same rounds both draw the same lanes, hops, walls and words. The rounds, and
// what the program prints of them, are the rows of its own test.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { pictureOf } from "../src/path/lane.js";

const source = (name) =>
  readFileSync(new URL(`../../../${name}`, import.meta.url), "utf8");

const HOPS = 5; // to the endpoint, tests/support/explain_round.h
const CELL = 4; // characters a hop, agent/explain/path_picture.c

// --- the rows of the C test ---

const STRING = /"((?:[^"\\]|\\.)*)"/g;
const unescape = (text) => JSON.parse(`"${text}"`);

function rowsOfC() {
  const text = source("tests/unit/agent/explain/test_path_picture.c");
  const defined = Object.fromEntries(
    [...text.matchAll(/#define (\w+) "((?:[^"\\]|\\.)*)"/g)].map(([, name, value]) => [name, value]),
  );
  const table = text.split("rows[] = {")[1].split("\n};")[0];
  return table
    .split(/^ {4}\{/m)
    .slice(1)
    .map((row) => {
      // Strings beside each other are one; a comma parts the members.
      const members = row
        .replace(/\b(TITLE|SCALE)\b/g, (name) => `"${defined[name]}"`)
        .replace(/"\s+"/g, "");
      return [...members.matchAll(STRING)].map(([, part]) => unescape(part));
    });
}

// --- a round of those rows, as the public form of its report ---

// tests/support/explain_round.c has the same.
const PLACES = ["host", "access", "path", "path", "far-end"];

function outcomes() {
  const text = source("tests/support/explain_round.c");
  return new Map(
    [...text.matchAll(/\[MECHANISM_(\w+)\] = OUTCOME_(\w+)/g)].map(([, mechanism, outcome]) => [
      mechanism.toLowerCase().replaceAll("_", "-"),
      outcome.toLowerCase(),
    ]),
  );
}

const OUTCOMES = outcomes();

function placed(at) {
  if (at === undefined) return {};
  if (/^\d$/.test(at))
    return { where: PLACES[at], after_hop: Number(at), ...(at === "0" && { outcome: "local" }) };
  if (at.startsWith("path-")) return { where: "path", after_hop: 0 };
  return { where: at, after_hop: at === "link" ? 0 : null };
}

function probeOf(port, said) {
  if (said.startsWith("control"))
    return { port, mode: "connect", failure: said === "control" ? null : "timeout" };
  // A handshake behind a dialogue has the diagnosis of its port.
  if (said === "counted") return { ...probeOf(port, "open"), mode: "connect" };
  const [mechanism, at] = said.split("@");
  return {
    port,
    mode: "starttls",
    mechanism,
    outcome: OUTCOMES.get(mechanism),
    endpoint_hops: HOPS,
    ...placed(at),
  };
}

// The first target where a port is stopped.
function targetOf(round) {
  const probes = round.split(";").map((part) => {
    const [endpoint, , port, said] = part.trim().split(" ");
    return { endpoint, ...probeOf(Number(port), said) };
  });
  const { endpoint } = probes.find(({ outcome }) =>
    ["filtered", "intercepted", "local"].includes(outcome),
  );
  return { endpoint, paths: [], probes: probes.filter((probe) => probe.endpoint === endpoint) };
}

// --- the page's lanes in characters ---

function charactersOf(lane, end) {
  const last = end * CELL;
  const text = new Array(last + 1).fill(" ");
  for (let hop = 1; hop <= end; hop++) if (hop > lane.reach) text[hop * CELL] = ".";
  const line = lane.wall ? lane.reach * CELL : Math.max(1, lane.reach * CELL);
  for (let at = 1; at < line; at++) text[at] = "-";
  text[0] = "o";
  if (lane.reach === end) text[last] = lane.hollow ? "x" : "o";
  if (lane.wall && lane.wall.at !== null)
    text[Math.floor(lane.wall.at * CELL)] = lane.wall.glyph === "intercepted" ? "@" : "#";
  return text.join("");
}

// The program speaks of the machine that it runs on.
const here = (words) => words.replace("the measuring host", "this host").replaceAll("’", "'");

const lineOf = (lane, end) =>
  `${String(lane.port).padStart(5)} ${charactersOf(lane, end)}  ${here(lane.wall ? lane.words : lane.result)}`;

const scaleOf = (end) =>
  `  hop ${Array.from({ length: end + 1 }, (_, hop) => String(hop).padEnd(CELL)).join("").trimEnd()}`;

function pageOf(round) {
  const target = targetOf(round);
  const { lanes, end } = pictureOf(target);
  return [
    `How far each port gets to ${target.endpoint}, ${end} hops away:`,
    scaleOf(end),
    ...lanes.map((lane) => lineOf(lane, end)),
    "\n",
  ].join("\n");
}

// The public form has no address of a router.
const withoutAddresses = (text) => text.replace(/ \([0-9a-f.:]+\)$/gm, "");

const rows = rowsOfC();
const drawn = rows.filter(([, , picture]) => picture);

for (const [name, round, picture] of drawn)
  test(`in characters: ${name}`, () =>
    assert.equal(pageOf(round), withoutAddresses(picture)));

test("the rows are all read, and hold every mechanism and place", () => {
  assert.ok(drawn.length >= 20 && rows.every((row) => row.length === 3));
  const said = drawn.map(([, round]) => round).join(" ");
  for (const mechanism of OUTCOMES.keys())
    assert.match(said, new RegExp(` ${mechanism}(@|;| |$)`));
  for (const place of ["0", "1", "2", "4", "link", "network", "host-or-path", "path", "access"])
    assert.match(said, new RegExp(`@${place}\\b`));
});
