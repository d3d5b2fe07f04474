// SPDX-License-Identifier: Apache-2.0
// datapackage.json and the tables beside it, to the readers of the Frictionless
// Data project.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { Package } from "datapackage";
import { Table } from "tableschema";
import { folder, makeDatabase, publishPast, run, today } from "./world.mjs";

const dumps = join(folder, "dumps");
const day = join(dumps, new Date(today - 86400000).toISOString().slice(0, 10)
  .replaceAll("-", "/"));

function descriptor() {
  return JSON.parse(readFileSync(join(day, "datapackage.json"), "utf8"));
}

async function load(described) {
  return Package.load(described, { basePath: day, strict: false });
}

/** The rows of a table, each cell read as its field says. */
async function read(resource) {
  const text = gunzipSync(readFileSync(join(day, resource.path)));
  const table = await Table.load(Readable.from([text]),
    { schema: resource.schema, strict: true });
  return table.read({ keyed: true });
}

function table(described, name) {
  return described.resources.find((resource) => resource.name === name);
}

test("the package is valid", async () => {
  await makeDatabase();
  await publishPast();
  run("dump", "--output", dumps);
  const found = await load(descriptor());
  assert.deepEqual(found.errors.map(String), []);
  assert.ok(found.valid);
  assert.equal(found.resources.length, 7);
  assert.equal(found.resources.filter(({ tabular }) => tabular).length, 4);
});

test("a package that is wrong is seen", async () => {
  for (const spoil of [
    (described) => { delete described.resources; },
    (described) => { described.resources[0].name = "Not A Name"; },
    (described) => { described.resources[1].schema.fields[0].type = "word"; },
    (described) => { described.resources[1].path = "/etc/passwd"; }]) {
    const described = descriptor();
    spoil(described);
    let valid = false;
    try { ({ valid } = await load(described)); } catch { /* it says so */ }
    assert.ok(!valid, String(spoil));
  }
});

test("each cell of each table is of its field's type", async () => {
  for (const resource of descriptor().resources) {
    if (resource.format !== "csv") continue;
    const rows = await read(resource);
    assert.equal(rows.length, resource.rows, resource.name);
  }
  const described = descriptor();
  const rows = await read(table(described, "measurements-csv"));
  assert.ok(rows.length > 40);
  for (const row of rows) {
    assert.equal(typeof row.port, "number");
    assert.equal(row.at.toISOString().slice(0, 10).replaceAll("-", "/"),
      day.slice(-10));
    assert.equal(typeof row.attributed, "boolean");
  }
  assert.ok(rows.some((row) => row.smtp_code === null), "null is null");
});

test("a cell of another type is seen", async () => {
  const resource = table(descriptor(), "measurements-csv");
  resource.schema.fields.find(({ name }) => name === "endpoint").type =
    "integer";
  await assert.rejects(read(resource));
});
