// SPDX-License-Identifier: Apache-2.0
// What `export` writes as Parquet is what it writes as CSV.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync }
  from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { ask } from "./duckdb.mjs";

const collector = process.env.EGRESS25_COLLECTOR;
const folder = mkdtempSync(join(tmpdir(), "egress25-export-"));
const config = join(folder, "collector.conf");
const today = Math.floor(Date.now() / 86400000) * 86400000;
after(() => rmSync(folder, { recursive: true }));

function run(command, ...args) {
  return execFileSync(collector, [command, "--config", config, ...args],
    { stdio: ["ignore", "pipe", "pipe"], encoding: "utf8" });
}

const cases = [
  { outcome: "reachable", mechanism: "open", ended: "done", smtp_code: 250,
    tls_version: "TLSv1.3", tls_verify: "ok", connect_ms: 12.345,
    total_ms: 140.2 },
  { outcome: "filtered", mechanism: "drop", where: "path", ended: "connect",
    failure: "timeout", after_hop: 3 },
  { outcome: "filtered", mechanism: "icmp", where: "access", after_hop: 1,
    ended: "connect", failure: "unreachable", icmp_type: 3, icmp_code: 13 },
  { ended: "done", port: 443, mode: "connect", outcome: null,
    connect_ms: 0.001 },
];

function rows() {
  return Array.from({ length: 1200 }, (_, n) => JSON.stringify({
    schema_version: 1,
    id: `00000000-0000-7000-8000-${String(n >> 2).padStart(12, "0")}:${n & 3}`,
    at: new Date(today - 86400000 * (1 + (n >> 2) % 9) + n * 1001).toISOString(),
    agent: String(n % 7).padStart(16, "0"), asn: 64500 + n % 3,
    network: ["Provider, \"one\"", "=Zürich", null][n % 3], country: "DE",
    prefix: `198.51.${n % 7}.0/24`, family: n % 5 ? 4 : 6,
    endpoint: `mx${n % 4}.example`,
    address: n % 5 ? `192.0.2.${n % 4 + 1}` : `2001:db8::${n % 4 + 1}`,
    port: 25, mode: "starttls", attributed: n % 6 !== 0,
    endpoint_hops: n % 8 ? 9 : null, ...cases[n % 4] }));
}

test("a database of imported rows", () => {
  mkdirSync(join(folder, "state"));
  writeFileSync(config, `[collector]\nstate = ${folder}/state\n`);
  writeFileSync(join(folder, "rows.jsonl"), rows().join("\n") + "\n");
  run("import", join(folder, "rows.jsonl"));
});

const columns = {
  measurements: { at: "TIMESTAMP WITH TIME ZONE", asn: "UINTEGER",
    port: "USMALLINT", connect_ms: "DOUBLE", attributed: "BOOLEAN",
    where: "VARCHAR", after_hop: "INTEGER", family: "UTINYINT" },
  networks: { asn: "UINTEGER", confidence: "DOUBLE", probes: "BIGINT",
    last: "TIMESTAMP WITH TIME ZONE", since_is_first: "BOOLEAN" },
};

// Of networks: three ASNs over two families.
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

  // CSV guards text that a spreadsheet would run.
  test(`${what}: each value is that of the CSV`, async () => {
    writeFileSync(file("csv"), run("export", "--what", what, "--format",
      "csv"));
    const names = readFileSync(file("csv"), "utf8").split("\r\n")[0]
      .split(",");
    const types = Object.fromEntries((await ask(
      `DESCRIBE SELECT * FROM '${file("parquet")}'`)).map((row) =>
      [row.column_name, row.column_type]));
    assert.deepEqual(Object.keys(types), names);
    const csv = names.map((name) => types[name] === "VARCHAR"
      ? `regexp_replace("${name}", '^''([=+@-])', '\\1') AS "${name}"`
      : types[name] === "DOUBLE"
        ? `round(CAST("${name}" AS DOUBLE), 6) AS "${name}"`
        : `CAST("${name}" AS ${types[name]}) AS "${name}"`).join(", ");
    const parquet = names.map((name) => types[name] === "DOUBLE"
      ? `round("${name}", 6) AS "${name}"` : `"${name}"`).join(", ");
    const [counted] = await ask(`
      WITH csv AS (SELECT ${csv} FROM read_csv('${file("csv")}',
        header = true, all_varchar = true)),
      parquet AS (SELECT ${parquet} FROM '${file("parquet")}')
      SELECT (SELECT count(*) FROM parquet) AS total,
        (SELECT count(*) FROM (FROM csv EXCEPT ALL FROM parquet)) AS lost,
        (SELECT count(*) FROM (FROM parquet EXCEPT ALL FROM csv)) AS made`);
    assert.deepEqual({ lost: counted.lost, made: counted.made },
      { lost: 0n, made: 0n });
    assert.equal(counted.total, what === "measurements" ? 1200n : 6n);
  });
}

test("a pipe gets the same bytes as a file", () => {
  const piped = spawnSync(collector, ["export", "--config", config,
    "--format", "parquet"], { stdio: ["ignore", "pipe", "pipe"] });
  assert.equal(piped.status, 0);
  assert.ok(piped.stdout.equals(
    readFileSync(join(folder, "measurements.parquet"))));
});
