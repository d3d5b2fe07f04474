// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  ageText,
  countText,
  mechanismText,
  outcomesText,
} from "../src/shared/words.js";

const NOW = Date.parse("2026-11-24T12:00:00Z");

for (const [name, then, expected] of [
  ["a moment is just now", "2026-11-24T11:59:58Z", "just now"],
  ["a clock ahead of ours is just now", "2026-11-24T12:05:00Z", "just now"],
  ["one minute is singular", "2026-11-24T11:59:00Z", "1 minute ago"],
  ["minutes are cut, not rounded", "2026-11-24T11:57:01Z", "2 minutes ago"],
  ["hours", "2026-11-24T09:00:00Z", "3 hours ago"],
  ["days", "2026-11-14T12:00:00Z", "10 days ago"],
  ["no time is no text", "never", ""],
])
  test(`age: ${name}`, () =>
    assert.equal(ageText(Date.parse(then), NOW), expected));

test("a count agrees with its noun", () => {
  assert.equal(countText(1, "network"), "1 network");
  assert.equal(countText(1234, "network"), "1,234 networks");
});

test("a mechanism without words of its own is shown as it is", () => {
  assert.equal(mechanismText("drop"), "dropped");
  assert.equal(mechanismText("something-new"), "something-new");
  assert.equal(mechanismText(null), "");
});

test("outcomes are listed with their probes", () =>
  assert.equal(
    outcomesText([
      { outcome: "reachable", mechanism: "open", probes: 1200 },
      { outcome: "filtered", mechanism: "drop", probes: 3 },
    ]),
    "reachable/open 1,200, filtered/drop 3",
  ));
