// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { matches, toRows } from "../src/networks/rows.js";

const network = (asn, family, port, state, more = {}) => ({
  asn,
  family,
  port,
  state,
  name: `Example ${asn}`,
  country: "DE",
  vantage_points: 2,
  last: "2026-11-24T12:00:00.000Z",
  ...more,
});

test("the ports of one network and family share a row", () => {
  const rows = toRows([
    network(64500, 4, 25, "filtered"),
    network(64500, 4, 587, "open", { vantage_points: 3 }),
    network(64500, 6, 25, "open"),
  ]);
  assert.equal(rows.length, 2);
  assert.equal(rows[0].ports[25].state, "filtered");
  assert.equal(rows[0].ports[587].state, "open");
  assert.equal(rows[0].vantagePoints, 3);
  assert.equal(rows[1].family, 6);
});

test("networks that filter port 25 come first, then by number", () => {
  const rows = toRows([
    network(64502, 4, 25, "open"),
    network(64501, 4, 25, "open"),
    network(64503, 4, 25, "filtered"),
    network(64504, 4, 587, "filtered"),
  ]);
  assert.deepEqual(
    rows.map((row) => row.asn),
    [64503, 64501, 64502, 64504],
  );
});

const [row] = toRows([
  network(64500, 4, 25, "filtered"),
  network(64500, 4, 587, "open"),
]);

for (const [name, filter, expected] of [
  ["nothing asked matches all", {}, true],
  ["an AS number with its prefix", { text: "AS64500" }, true],
  ["a part of the name, any case", { text: "example 645" }, true],
  ["a country", { text: "de" }, true],
  ["another name does not", { text: "other" }, false],
  ["a state of any port", { state: "open" }, true],
  ["a state that no port has does not", { state: "partial" }, false],
  ["the other family does not", { family: "6" }, false],
])
  test(`filter: ${name}`, () =>
    assert.equal(
      matches(row, { text: "", state: "", family: "", ...filter }),
      expected,
    ));
