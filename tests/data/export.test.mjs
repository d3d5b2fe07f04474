// SPDX-License-Identifier: Apache-2.0
// What `export` writes as Parquet is what it writes as CSV.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ask } from "./duckdb.mjs";
import { compared } from "./same.mjs";
import { collector, config, exported, folder, makeDatabase, publishPast, run,
  today } from "./world.mjs";

test("a database of imported rows", makeDatabase);

test("a collector that runs publishes its past", async () => {
  await publishPast();
  const events = exported("--what", "events", "--asn", "64511");
  assert.deepEqual(events.map(({ from, to }) => [from, to]),
    [["insufficient", "open"], ["open", "filtered"]]);
  const days = exported("--what", "history", "--asn", "64511",
    "--country", "NL");
  assert.equal(days.length, 10);
  assert.equal(days[9].state, "filtered");
  assert.equal(days[9].day,
    new Date(today - 86400000).toISOString().slice(0, 10));
  const since = exported("--what", "history", "--asn", "64511",
    "--since", days[8].day, "--until", days[9].day);
  assert.deepEqual(since.map(({ day }) => day), [days[8].day]);
});

const columns = {
  measurements: { at: "TIMESTAMP WITH TIME ZONE", asn: "UINTEGER",
    port: "USMALLINT", connect_ms: "DOUBLE", attributed: "BOOLEAN",
    where: "VARCHAR", after_hop: "INTEGER", family: "UTINYINT" },
  networks: { asn: "UINTEGER", confidence: "DOUBLE", probes: "BIGINT",
    last: "TIMESTAMP WITH TIME ZONE", since_is_first: "BOOLEAN" },
  events: { id: "VARCHAR", at: "TIMESTAMP WITH TIME ZONE", to: "VARCHAR" },
  history: { day: "VARCHAR", asn: "UINTEGER", blocked_share_mid: "DOUBLE" },
  endpoints: { name: "VARCHAR", ports: "VARCHAR", rate: "DOUBLE" },
};
// Of networks: three ASNs over two families, and two more.
const least = { measurements: 1680n, networks: 8n, events: 3n, history: 20n,
  endpoints: 2n };

for (const what of Object.keys(columns)) {
  const file = (format) => join(folder, `${what}.${format}`);

  test(`${what}: the types of the columns`, async () => {
    run("export", "--what", what, "--format", "parquet",
      "--output", file("parquet"));
    const seen = Object.fromEntries((await ask(
      `DESCRIBE SELECT * FROM '${file("parquet")}'`)).map((row) =>
      [row.column_name, row.column_type]));
    for (const [name, type] of Object.entries(columns[what]))
      assert.equal(seen[name], type, name);
  });

  test(`${what}: each value is that of the CSV`, async () => {
    writeFileSync(file("csv"), run("export", "--what", what, "--format",
      "csv"));
    const counted = await compared(file("csv"), file("parquet"));
    assert.deepEqual({ lost: counted.lost, made: counted.made },
      { lost: 0n, made: 0n });
    if (what === "events" || what === "history")
      assert.ok(counted.total >= least[what], `${counted.total}`);
    else
      assert.equal(counted.total, least[what]);
  });
}

test("a pipe gets the same bytes as a file", () => {
  const piped = spawnSync(collector, ["export", "--config", config,
    "--format", "parquet"], { stdio: ["ignore", "pipe", "pipe"] });
  assert.equal(piped.status, 0);
  assert.ok(piped.stdout.equals(
    readFileSync(join(folder, "measurements.parquet"))));
});
