// SPDX-License-Identifier: Apache-2.0
// Every word of the contract has words for people, and a way to be drawn.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { annotationsOf } from "../src/network/annotations.js";
import { verdictOf } from "../src/network/verdict.js";
import { laneOf } from "../src/path/lane.js";
import {
  failureText,
  LEVELS,
  mechanismText,
  networkPlaceText,
  placeText,
  REACH_WORDS,
  reachText,
  stageText,
  stateMeaning,
  STATES,
  STOP_WORDS,
  stopText,
} from "../src/shared/words.js";

const contract = readFileSync(
  new URL("../../../doc/contract.md", import.meta.url),
  "utf8",
);

// The words in backticks of a piece of it.
const wordsIn = (text) => [...text.matchAll(/`([a-z][a-z-]*)`/g)].map(([, word]) => word);

const between = (from, to) => contract.split(from)[1].split(to)[0];

// { outcome, mechanism } of the table of diagnoses.
function diagnoses() {
  const table = between("| outcome | mechanism | seen as |\n|---|---|---|\n", "\n\n");
  let outcome = "";
  return table.split("\n").flatMap((line) => {
    const [, first, second, seen] = line.split("|");
    outcome = wordsIn(first)[0] ?? outcome;
    // "as observed": the word stands in brackets.
    const named = second.includes("`") ? second : seen.match(/\((`[a-z-]+`)\)/)[1];
    return wordsIn(named).map((mechanism) => ({ outcome, mechanism }));
  });
}

// In that paragraph each place is followed by what it means in brackets.
const places = () => [
  ...new Set(
    [...between("**Where**:", "Given with").matchAll(/`([a-z-]+)` \(/g)].map(([, word]) => word),
  ),
].filter((word) => word !== "after_hop");

const lists = {
  state: between("**State** of a network = (ASN, family, port): `", "`").split(" "),
  level: between("`level` is `", "`").split(" "),
  "stopped in": between("(`stopped_in` is\n`", "`").split(" "),
  reach: between("`reach` is `", "`").split(" "),
  annotation: between("`annotations` = `[{at, by, kind: ", ",").split("|"),
  stage: between("**Stage** a probe was in when it ended: `", "`").split(" "),
  failure: [
    ...between("for mode `connect`):", "A certificate").matchAll(/`([a-z-]+)`(?=,|\s\()/g),
  ].map(([, word]) => word),
};

test("the contract's lists are read whole", () => {
  const mechanisms = diagnoses().map(({ mechanism }) => mechanism);
  const table = readFileSync(new URL("../../../lib/report/words.c", import.meta.url), "utf8");
  const has = (name) =>
    [...table.split(`${name}_words[`)[1].split("};")[0].matchAll(/= "([a-z-]+)"/g)]
      .map(([, word]) => word)
      .sort();
  assert.deepEqual([...mechanisms].sort(), has("mechanism"));
  assert.deepEqual([...places()].sort(), has("where"));
  assert.deepEqual([...lists.stage].sort(), has("stage"));
  assert.deepEqual([...lists.failure].sort(), has("failure"));
});

for (const [name, own] of [
  ["level", LEVELS],
  ["stopped in", STOP_WORDS],
  ["reach", REACH_WORDS],
])
  test(`${name}: in the contract and on the pages the words are the same`, () =>
    assert.deepEqual([...own].sort(), [...lists[name]].sort()));

test("annotations: each kind has a heading of its own", () => {
  const headings = lists.annotation.map((kind) => {
    const [one] = annotationsOf({ annotations: [{ kind, text: "x" }] });
    assert.equal(one.kind, kind);
    return one.heading;
  });
  assert.equal(new Set(headings).size, lists.annotation.length);
});

test("states: in the contract and on the pages they are the same", () =>
  assert.deepEqual([...STATES].sort(), [...lists.state].sort()));

const OTHERS = [587, 465].map((port) => ({ port, family: 4, state: "open" }));
const NETWORK = {
  asn: 64500,
  name: "X",
  port: 25,
  family: 4,
  mechanism: "drop",
  where: "path",
  vantage_points: 14,
};

for (const state of lists.state)
  test(`the state ${state} has a meaning, a verdict and a consequence`, () => {
    assert.notEqual(stateMeaning(state), "");
    const { sentence, consequence } = verdictOf({ ...NETWORK, state }, OTHERS);
    assert.match(sentence, /\b25\b.*\.$/);
    assert.match(consequence, /\.$/);
  });

// A word without words of its own is shown as it is. These are words already.
const PLAIN = ["refused", "reset", "closed"];
const isWorded = (text, word) => assert.ok(text && text !== word, `${word}: ${text}`);

for (const [name, text, words] of [
  ["failure", failureText, lists.failure.filter((word) => !PLAIN.includes(word))],
  ["stop", stopText, lists["stopped in"]],
  ["reach", reachText, lists.reach],
  ["place", placeText, places()],
  ["place of a network", networkPlaceText, places()],
])
  for (const word of words)
    test(`the ${name} ${word} has words`, () => isWorded(text(word), word));

for (const stage of lists.stage)
  test(`the stage ${stage} has a name`, () => assert.notEqual(stageText(stage), ""));

const probe = (given) =>
  laneOf({ port: 25, mode: "starttls", ...given }, { paths: [] }, 9);
const STATE_OF = {
  reachable: "open",
  filtered: "filtered",
  intercepted: "intercepted",
  local: "filtered",
  endpoint: "none",
  unknown: "none",
};

for (const { outcome, mechanism } of diagnoses()) {
  test(`${outcome}/${mechanism} has words and a lane of its kind`, () => {
    isWorded(mechanismText(mechanism), mechanism);
    const lane = probe({ outcome, mechanism });
    assert.equal(lane.state, STATE_OF[outcome]);
    assert.equal(
      Boolean(lane.wall),
      ["filtered", "intercepted", "local"].includes(outcome),
    );
  });
  if (!["filtered", "intercepted"].includes(outcome)) continue;
  for (const where of places())
    test(`${outcome}/${mechanism} at ${where} is drawn, and says where`, () => {
      const { wall, words, description } = probe({ outcome, mechanism, where });
      assert.ok(wall.at === null || (wall.at > 0 && wall.at < 9), `${wall.at}`);
      assert.ok(words.includes(mechanismText(mechanism)), words);
      assert.ok(description.includes(placeText(where)), description);
    });
}
