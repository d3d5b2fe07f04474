// SPDX-License-Identifier: Apache-2.0
// copy.mjs ROWS.parquet FOLDER: what DuckDB takes on one thread to write these
// rows from its memory, as JSON {format: [CPU seconds, bytes]}. The peer of
// tests/bench/export.
import { statSync } from "node:fs";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";

const [, , rows, folder] = process.argv;
const formats = { jsonl: "FORMAT json", csv: "FORMAT csv",
  parquet: "FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 131072" };
const database = await DuckDBInstance.create(":memory:");
const connection = await database.connect();
await connection.run("SET threads = 1");
await connection.run("SET preserve_insertion_order = true");
await connection.run(`CREATE TABLE rows AS FROM '${rows}'`);
const taken = {};
for (const [format, options] of Object.entries(formats)) {
  const path = join(folder, `peer.${format}`);
  const before = process.cpuUsage();
  await connection.run(`COPY rows TO '${path}' (${options})`);
  const { user, system } = process.cpuUsage(before);
  taken[format] = [(user + system) / 1e6, statSync(path).size];
}
connection.closeSync();
console.log(JSON.stringify(taken));
