// SPDX-License-Identifier: Apache-2.0
// Whether a Parquet file has the rows of a CSV file, as DuckDB reads both.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { ask } from "./duckdb.mjs";

/** The types of its columns, by name. */
export async function typesOf(parquet) {
  const columns = await ask(`DESCRIBE SELECT * FROM '${parquet}'`);
  return Object.fromEntries(columns.map((row) =>
    [row.column_name, row.column_type]));
}

/** The columns are the same; { total, lost, made }: how many rows Parquet has,
 * and how many only one of the two has. CSV guards text that a spreadsheet
 * would run. */
export async function compared(csv, parquet) {
  const names = readFileSync(csv, "utf8").split("\r\n")[0].split(",");
  const types = await typesOf(parquet);
  assert.deepEqual(Object.keys(types), names);
  const ofCsv = names.map((name) => types[name] === "VARCHAR"
    ? `regexp_replace("${name}", '^''([=+@-])', '\\1') AS "${name}"`
    : types[name] === "DOUBLE"
      ? `round(CAST("${name}" AS DOUBLE), 6) AS "${name}"`
      : `CAST("${name}" AS ${types[name]}) AS "${name}"`).join(", ");
  const ofParquet = names.map((name) => types[name] === "DOUBLE"
    ? `round("${name}", 6) AS "${name}"` : `"${name}"`).join(", ");
  const [counted] = await ask(`
    WITH csv AS (SELECT ${ofCsv} FROM read_csv('${csv}',
      header = true, all_varchar = true)),
    parquet AS (SELECT ${ofParquet} FROM '${parquet}')
    SELECT (SELECT count(*) FROM parquet) AS total,
      (SELECT count(*) FROM (FROM csv EXCEPT ALL FROM parquet)) AS lost,
      (SELECT count(*) FROM (FROM parquet EXCEPT ALL FROM csv)) AS made`);
  return counted;
}
