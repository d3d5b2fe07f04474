// SPDX-License-Identifier: Apache-2.0
// A Parquet file of ours, as DuckDB and hyparquet read it.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { asyncBufferFromFile, parquetMetadata, parquetReadObjects }
  from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { ask } from "./duckdb.mjs";

const writer = process.env.EGRESS25_PARQUET_ROWS;
const folder = mkdtempSync(join(tmpdir(), "egress25-parquet-"));
after(() => rmSync(folder, { recursive: true }));

// Both forms of the same rows; `lines` has each value as text, or null.
const known = new Map();
function made(rows, group = 0) {
  const name = `${rows}-${group}`;
  if (!known.has(name)) known.set(name, make(name, rows, group));
  return known.get(name);
}

function make(name, rows, group) {
  const file = join(folder, `${name}.parquet`);
  const text = join(folder, `${name}.jsonl`);
  execFileSync(writer, [file, text, String(rows), String(group)]);
  const lines = readFileSync(text, "utf8").split("\n").slice(0, -1)
    .map((line) => JSON.parse(line));
  return { file, text, lines };
}

function asText(value) {
  if (value === null || value === undefined) return null;
  if (value instanceof Date) return String(value.getTime());
  if (typeof value === "boolean") return value ? "1" : "0";
  return String(value);
}

function differs(name, got, wanted) {
  if (name.endsWith("ms") && wanted !== null) return got !== Number(wanted);
  return asText(got) !== wanted;
}

// No row, a page that is not full, two pages, a group and a bit, groups that are
// small, the last one full.
for (const [rows, group] of [[0], [1], [999], [20000], [131072], [150001],
  [999, 1], [10000, 4096], [8192, 4096]])
  test(`hyparquet reads ${rows} rows as they were written` +
    (group ? `, ${group} a group` : ""), async () => {
    const { file, lines } = made(rows, group);
    const read = await parquetReadObjects(
      { file: await asyncBufferFromFile(file), compressors });
    assert.equal(read.length, rows);
    lines.forEach((line, row) => {
      for (const [name, wanted] of Object.entries(line))
        if (differs(name, read[row][name], wanted))
          assert.fail(`row ${row}: ${name} is ${read[row][name]}, ` +
            `not ${wanted}`);
    });
  });

const types = {
  flag: "BOOLEAN", tiny: "UTINYINT", port: "USMALLINT", asn: "UINTEGER",
  code: "INTEGER", number: "BIGINT", at: "TIMESTAMP WITH TIME ZONE",
  ms: "DOUBLE", word: "VARCHAR", id: "VARCHAR", nothing: "VARCHAR",
  same: "UINTEGER", few_word: "VARCHAR", few_flag: "BOOLEAN", few_ms: "DOUBLE",
  few_asn: "UINTEGER", few_nothing: "VARCHAR", new_id: "VARCHAR",
  new_number: "BIGINT", new_at: "TIMESTAMP WITH TIME ZONE", new_flag: "BOOLEAN",
};

const isTime = (name) => types[name].startsWith("TIMESTAMP");

test("DuckDB sees the types", async () => {
  const { file } = made(20000);
  const seen = await ask(`DESCRIBE SELECT * FROM '${file}'`);
  assert.deepEqual(Object.fromEntries(
    seen.map((row) => [row.column_name, row.column_type])), types);
});

// The row's number keeps equal rows apart.
test("DuckDB reads 150001 rows as they were written", async () => {
  const { file, text } = made(150001);
  const columns = Object.keys(types).map((name) =>
    `"${name}": 'VARCHAR'`).join(", ");
  const written = Object.entries(types).map(([name, type]) =>
    type === "BOOLEAN" ? `(${name} = '1') AS ${name}`
      : isTime(name) ? `epoch_ms(CAST("${name}" AS BIGINT)) AS "${name}"`
      : `CAST(${name} AS ${type}) AS ${name}`).join(", ");
  const read = Object.keys(types).map((name) =>
    isTime(name) ? `epoch_ms(epoch_ms("${name}")) AS "${name}"` : name).join(", ");
  const differing = await ask(`
    WITH written AS (SELECT row_number() OVER () AS line, ${written} FROM
      read_json('${text}', format = 'newline_delimited', columns = {${columns}})),
    read AS (SELECT row_number() OVER () AS line, ${read} FROM '${file}')
    SELECT (SELECT count(*) FROM read) AS total,
      (SELECT count(*) FROM (FROM written EXCEPT FROM read)) AS lost,
      (SELECT count(*) FROM (FROM read EXCEPT FROM written)) AS invented`);
  assert.deepEqual(differing[0], { total: 150001n, lost: 0n, invented: 0n });
});

// A range that is wrong hides rows from whoever filters.
test("DuckDB finds the rows of a filter in the right groups", async () => {
  const { file, lines } = made(150001);
  for (const [name, value, sql] of [
    ["asn", "64501", "64501"], ["number", "-9223372036854775808",
      "-9223372036854775808"], ["word", "'=1+1", "'''=1+1'"],
    ["ms", "12.345", "12.345"], ["tiny", "255", "255"],
    ...["few_asn", "new_at"].map((column) => {
      const { [column]: some } = lines.findLast((line) => line[column] !== null);
      return [column, some, isTime(column) ? `epoch_ms(${some})` : some];
    }),
    ["new_number", "-9223372036854775808", "-9223372036854775808"]]) {
    const wanted = lines.filter((line) => name.endsWith("ms")
      ? Number(line[name] ?? NaN) === 12.345 : line[name] === value).length;
    const [{ found }] = await ask(
      `SELECT count(*) AS found FROM '${file}' WHERE ${name} = ${sql}`);
    assert.ok(wanted > 0);
    assert.equal(found, BigInt(wanted), name);
  }
});

test("a group has as many rows as was asked for", async () => {
  const bytes = readFileSync(made(10000, 4096).file);
  const { row_groups } = parquetMetadata(bytes.buffer.slice(
    bytes.byteOffset, bytes.byteOffset + bytes.length));
  assert.deepEqual(row_groups.map((group) => Number(group.num_rows)),
    [4096, 4096, 1808]);
});

test("each column of each group says its least and greatest value",
  async () => {
    const { file, lines } = made(150001);
    const bytes = readFileSync(file);
    const { row_groups } = parquetMetadata(bytes.buffer.slice(
      bytes.byteOffset, bytes.byteOffset + bytes.length));
    assert.deepEqual(row_groups.map((group) => Number(group.num_rows)),
      [131072, 18929]);
    let first = 0;
    for (const group of row_groups) {
      const rows = lines.slice(first, first += Number(group.num_rows));
      for (const { meta_data: { path_in_schema: [name], statistics } } of
        group.columns) {
        const values = rows.map((row) => row[name])
          .filter((value) => value !== null);
        assert.equal(Number(statistics.null_count),
          rows.length - values.length, name);
        if (!name.endsWith("number")) continue;
        const sorted = values.map(BigInt).sort(
          (a, b) => (a > b) - (a < b));
        assert.equal(statistics.min_value, sorted[0]);
        assert.equal(statistics.max_value, sorted.at(-1));
      }
    }
  });
