// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  countsOf,
  fileLink,
  filterOf,
  isLarge,
  listLink,
  matches,
  rowsOfColumns,
  rowsOfList,
  sorted,
} from "../src/networks/rows.js";
import { onePerReport } from "../src/shared/reports.js";
import { drawnRows, rowAfterKey } from "../src/networks/window.js";

const cell = (state, level, mid, since = null) => [
  state,
  state === "filtered" ? "drop" : null,
  level,
  mid - 0.1,
  mid,
  mid + 0.1,
  since,
  since === null,
];

const rows = rowsOfColumns({
  columns: {
    asn: [64502, 64500, 64501, 64501],
    name: [null, "Hanse", "Velo", "Velo"],
    country: ["JP", "DE", "FR", "FR"],
    family: [4, 4, 4, 6],
    last: [0, 0, 0, 0].map(() => "2026-11-26T00:00:00Z"),
    vantage_points: [1, 3, 9, 2],
    prefixes: [1, 2, 8, 2],
    endpoints: [2, 2, 2, 2],
    p25: [
      cell("insufficient", null, 0.5),
      cell("filtered", "fair", 0.9, "2026-11-01T00:00:00Z"),
      cell("open", "strong", 0.1),
      null,
    ],
    p587: [null, cell("open", "fair", 0), null, null],
    p465: [null, null, null, cell("filtered", "thin", 0.8)],
  },
});

const keys = (list) => list.map(({ key }) => key).join(" ");
const filter = (query) => filterOf(query);

for (const [name, query, expected] of [
  ["no filter keeps all", {}, "64500.4 64501.4 64501.6 64502.4"],
  ["a state of port 25", { state: "filtered" }, "64500.4"],
  ["a state of another port", { state: "filtered", port: "465" }, "64501.6"],
  ["a name, whatever its case", { q: "hAnSe" }, "64500.4"],
  ["an AS number", { q: "as64502" }, "64502.4"],
  ["a family", { family: "6" }, "64501.6"],
  ["a country", { country: "FR" }, "64501.4 64501.6"],
  ["a level of evidence", { evidence: "strong" }, "64501.4"],
  ["two filters at once", { country: "FR", family: "4" }, "64501.4"],
])
  test(`filter: ${name}`, () =>
    assert.equal(
      keys(
        rows
          .filter((row) => matches(row, filter(query)))
          .toSorted((a, b) => (a.key < b.key ? -1 : 1)),
      ),
      expected,
    ));

for (const [sort, expected] of [
  ["", "64500.4 64501.4 64502.4 64501.6"],
  ["evidence", "64501.4 64500.4 64501.6 64502.4"],
  ["share", "64500.4 64501.4 64502.4 64501.6"],
  ["since", "64500.4 64502.4 64501.4 64501.6"],
  ["name", "64502.4 64500.4 64501.4 64501.6"],
])
  test(`sort: ${sort || "filtered first"}`, () =>
    assert.equal(keys(sorted(rows, filter({ sort }))), expected));

test("counts are of what the other filters leave", () => {
  assert.deepEqual(countsOf(rows, filter({ country: "FR" }), "state"), { open: 1 });
  assert.deepEqual(
    countsOf(rows, filter({ state: "open", country: "DE" }), "state"),
    { filtered: 1 },
  );
});

test("the file has the rows of the filter", () =>
  assert.equal(
    fileLink(filter({ state: "open", q: "a b" }), "csv"),
    "/v1/networks?q=a+b&state=open&port=25&format=csv",
  ));

test("the same rows in each format that the list offers", () => {
  for (const format of ["csv", "jsonl", "parquet"])
    assert.equal(
      fileLink(filter({ country: "DE", sort: "name" }), format),
      `/v1/networks?country=DE&sort=name&format=${format}`,
    );
});

test("more than 20,000 networks are not asked for at once", () =>
  assert.deepEqual([20000, 20001, undefined].map(isLarge), [false, true, false]));

test("of many networks the collector chooses: filter, order and page", () =>
  assert.equal(
    listLink(filter({ state: "open", q: "a b", sort: "share", port: "587" }), "7.4.587"),
    "/v1/networks?q=a+b&state=open&sort=share&port=587&limit=1000&cursor=7.4.587",
  ));

test("a row of that list knows the port that was asked for, and no other", () => {
  const item = { asn: 64500, family: 4, port: 587, name: null, country: null, state: "open" };
  const [row] = rowsOfList({ items: [item] }, filter({ port: "587" }));
  assert.equal(row.key, "64500.4");
  assert.equal(row.ports[587].state, "open");
  assert.equal(row.ports[25], undefined);
});

test("tries of a port in one report are one line, of two addresses two", () => {
  const row = (id, port, address) => ({ id, port, address });
  const rows = [row("a:0", 25, "x"), row("a:1", 25, "x"), row("a:2", 25, "y"),
    row("a:3", 587, "x"), row("b:0", 25, "x")];
  assert.deepEqual(onePerReport(rows).map(({ id }) => id), ["a:0", "a:2", "a:3", "b:0"]);
});

for (const [name, given, expected] of [
  ["at the top", { top: -200, height: 800, rowHeight: 40, count: 100 }, { from: 0, to: 34 }],
  ["in the middle", { top: 2000, height: 800, rowHeight: 40, count: 100 }, { from: 44, to: 84 }],
  ["at the end", { top: 3400, height: 800, rowHeight: 40, count: 100 }, { from: 79, to: 100 }],
  ["far beyond a list that got short", { top: 9000, height: 800, rowHeight: 40, count: 3 }, { from: 2, to: 3 }],
  ["an empty list", { top: 0, height: 800, rowHeight: 40, count: 0 }, { from: 0, to: 0 }],
])
  test(`window: ${name}`, () => assert.deepEqual(drawnRows(given), expected));

for (const [key, row, expected] of [
  ["ArrowDown", 3, 4],
  ["ArrowUp", 0, 0],
  ["PageDown", 3, 9],
  ["End", 3, 9],
  ["Home", 3, 0],
  ["a", 3, null],
])
  test(`${key} moves from row ${row} to ${expected}`, () =>
    assert.equal(rowAfterKey(key, row, 10, 20), expected));
