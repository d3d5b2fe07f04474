// SPDX-License-Identifier: Apache-2.0
import { DuckDBInstance } from "@duckdb/node-api";

/* The rows of one answer, as objects. */
export async function ask(question) {
  const database = await DuckDBInstance.create(":memory:");
  const connection = await database.connect();
  const reader = await connection.runAndReadAll(question);
  const rows = reader.getRowObjects();
  connection.closeSync();
  return rows;
}
