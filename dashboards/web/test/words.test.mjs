// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  briefMechanismText,
  countryName,
  countText,
  endSentence,
  evidenceText,
  intervalText,
  listText,
  mechanismText,
  nameOf,
  networkPlaceText,
  numberText,
  percentText,
  placeText,
  portRole,
} from "../src/shared/words.js";

const rows = (name, of, table) => {
  for (const [sentence, given, expected] of table)
    test(`${name}: ${sentence}`, () => assert.equal(of(given), expected));
};

rows("mechanism", mechanismText, [
  ["a drop", "drop", "silently dropped"],
  ["what has no words of its own is shown", "something-new", "something-new"],
  ["none is no text", null, ""],
]);

rows("mechanism in a cell", briefMechanismText, [
  ["what is long is short there", "rejected", "endpoints reject"],
  ["else it is the same", "drop", "silently dropped"],
]);

rows("place", placeText, [
  ["of one line", "access", "in the first router (at home the home router) or the next"],
  ["the host or the network", "host-or-path", "on the measuring host or in the network"],
  ["none", null, ""],
]);

test("place: of a network no one home router is meant", () =>
  assert.equal(
    networkPlaceText("access"),
    "between the customers’ own router and the provider’s first one",
  ));

rows("name", nameOf, [
  ["the name before the number", { asn: 64500, name: "Hansefibre B.V." }, "Hansefibre B.V."],
  ["a network without a name", { asn: 64500, name: null }, "AS64500"],
]);

rows("sentence", endSentence, [
  ["gets a full stop", "Port 25 gets out of X", "Port 25 gets out of X."],
  ["a name with a full stop gets no second", "It is X B.V.", "It is X B.V."],
]);

rows("list", listText, [
  ["none", [], ""],
  ["one", ["587"], "587"],
  ["three", ["587", "465", "443"], "587, 465 and 443"],
]);

rows("share", percentText, [
  ["is rounded", 0.496, "50\u00a0%"],
  ["null is not known", null, "not known"],
  ["nothing at all is not known", undefined, "not known"],
]);

test("interval: two ends", () =>
  assert.equal(intervalText(0.84, 1), "84–100\u00a0%"));
test("interval: one point", () => assert.equal(intervalText(1, 1), "100\u00a0%"));

rows("evidence", evidenceText, [
  ["several", { vantage_points: 14, prefixes: 11 }, "14 vantage points in 11 prefixes"],
  ["one", { vantage_points: 1, prefixes: 1 }, "1 vantage point in 1 prefix"],
]);

rows("country", countryName, [
  ["by its letters", "NL", "Netherlands"],
  ["what is no country's letters is shown", "x", "x"],
  ["none", null, ""],
]);

rows("role", portRole, [
  ["25", 25, "SMTP"],
  ["another mail port", 2525, "alternative"],
  ["anything else is a control", 443, "control"],
]);

for (const number of [0, 7, -7, 999, 1000, -1234, 12345, 999999, 1234567, 1234.5, 0.25])
  test(`a number is grouped as English has it: ${number}`, () =>
    assert.equal(numberText(number), number.toLocaleString("en")));

test("a count agrees with its noun", () => {
  assert.equal(countText(1, "network"), "1 network");
  assert.equal(countText(1234, "network"), "1,234 networks");
  assert.equal(countText(2, "prefix", "prefixes"), "2 prefixes");
});
