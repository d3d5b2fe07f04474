// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  ageText,
  dateText,
  daysBetween,
  momentText,
  sinceText,
} from "../src/shared/time.js";

const NOW = Date.parse("2026-11-24T12:00:00Z");

for (const [name, then, expected] of [
  ["seconds are now", "2026-11-24T11:59:10Z", "now"],
  ["a clock ahead of ours is now", "2026-11-24T12:05:00Z", "now"],
  ["minutes are cut, not rounded", "2026-11-24T11:57:01Z", "2 min"],
  ["hours", "2026-11-24T09:00:00Z", "3 h"],
  ["days", "2026-11-14T12:00:00Z", "10 d"],
  ["no time is no text", "never", ""],
  ["null is no text", null, ""],
])
  test(`age: ${name}`, () => assert.equal(ageText(then, NOW), expected));

for (const [name, given, expected] of [
  ["a day", { since: "2026-10-18T03:00:00Z", since_is_first: false }, "18 Oct 2026"],
  ["so at first", { since: "2026-08-28T00:00:00Z", since_is_first: true }, "before 28 Aug"],
  ["so at first, of unknown date", { since: null, since_is_first: true }, "no recent change"],
  ["nothing known", { since: null, since_is_first: false }, "not known"],
])
  test(`since: ${name}`, () => assert.equal(sinceText(given), expected));

test("dates are UTC, whatever the reader's clock says", () => {
  assert.equal(dateText("2026-10-18T23:59:59Z"), "18 Oct 2026");
  assert.equal(momentText("2026-11-26T11:26:30Z"), "26 Nov 11:26");
  assert.equal(dateText("nonsense"), "");
});

test("until is excluded", () =>
  assert.deepEqual(daysBetween("2026-02-27", "2026-03-02"), [
    "2026-02-27",
    "2026-02-28",
    "2026-03-01",
  ]));
