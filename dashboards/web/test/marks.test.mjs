// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { daysOf, placeDays, runs } from "../src/marks/runs.js";
import { filteredShare, knownOf, stackOf } from "../src/marks/stack.js";
import {
  blindSpots,
  countryOf,
  fillOf,
  sortedCountries,
  stepOf,
} from "../src/countries/share.js";

test("two strings of a history are days", () =>
  assert.deepEqual(daysOf(["of-n", "3200"]), [
    { state: "open", level: "strong" },
    { state: "filtered", level: "fair" },
    { state: null, level: null },
    { state: "insufficient", level: null },
  ]));

test("equal days are one run; a change of evidence begins another", () =>
  assert.deepEqual(
    runs(daysOf(["ooof", "3323"])).map(({ from, length, state, level }) => [from, length, state, level]),
    [
      [0, 2, "open", "strong"],
      [2, 1, "open", "fair"],
      [3, 1, "filtered", "strong"],
    ],
  ));

test("a day without a row was not measured", () => {
  const [first, second] = placeDays(
    ["2026-11-01", "2026-11-02"],
    [{ day: "2026-11-02T00:00:00Z", state: "open", level: "fair" }],
  );
  assert.equal(first.state, null);
  assert.equal(second.state, "open");
  assert.equal(second.day, "2026-11-02");
});

for (const [name, states, known, share] of [
  ["half of the known", { filtered: 1, open: 1, insufficient: 9 }, 2, 0.5],
  ["partial counts as filtering", { partial: 1, open: 3 }, 4, 0.25],
  ["intercepted is known, and not filtered", { intercepted: 1, filtered: 1 }, 2, 0.5],
  ["nothing known has no share", { insufficient: 5, inconsistent: 2 }, 0, null],
  ["no counts at all", undefined, 0, null],
])
  test(`share: ${name}`, () => {
    assert.equal(knownOf(states), known);
    assert.equal(filteredShare(states), share);
  });

test("a bar's parts lie side by side in the order of gravity", () =>
  assert.deepEqual(stackOf({ open: 3, filtered: 1 }), [
    { state: "filtered", count: 1, from: 0, share: 0.25 },
    { state: "open", count: 3, from: 0.25, share: 0.75 },
  ]));

for (const [share, step] of [
  [0, 0],
  [0.199, 0],
  [0.2, 1],
  [0.8, 4],
  [1, 4],
])
  test(`map: a share of ${share} is step ${step}`, () =>
    assert.equal(stepOf(share), step));

const country = (code, states, more) => countryOf({ country: code, states, ...more });

test("map: thin evidence is hatched, none is plain land", () => {
  assert.deepEqual(fillOf(country("DE", { filtered: 4 })), { class: "land f-b4" });
  assert.deepEqual(fillOf(country("DE", { filtered: 3 })), {
    class: "land",
    fill: "url(#h-b4)",
  });
  assert.deepEqual(fillOf(country("DE", { insufficient: 9 })), { class: "land" });
  assert.deepEqual(fillOf(undefined), { class: "land" });
});

test("countries: by share, by coverage, by name", () => {
  const all = [
    country("SE", { open: 4 }, { announced: 10 }),
    country("DE", { filtered: 1, open: 1 }, { announced: 100 }),
  ];
  const order = (sort) => sortedCountries(all, sort).map(({ code }) => code).join(" ");
  assert.equal(order("share"), "DE SE");
  assert.equal(order("coverage"), "SE DE");
  assert.equal(order("name"), "DE SE");
});

test("countries: where we are blind", () => {
  const { none, one, noIpv6 } = blindSpots(
    [
      country("SE", {}, { vantage_points: 0 }),
      country("DE", {}, { vantage_points: 1 }),
      country("FR", {}, { vantage_points: 5 }),
    ],
    new Set(["FR"]),
  );
  assert.deepEqual(none.map(({ code }) => code), ["SE"]);
  assert.deepEqual(one.map(({ code }) => code), ["DE"]);
  assert.deepEqual(noIpv6.map(({ code }) => code), ["DE"]);
});
