// SPDX-License-Identifier: Apache-2.0
// What `export` writes as Parquet is what it writes as CSV.
import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync }
  from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
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

// Ten days of two networks, of which one began to filter after four.
function changing() {
  return Array.from({ length: 480 }, (_, n) => {
    const day = 10 - Math.floor(n / 48), which = (n >> 3) % 2;
    const agent = Math.floor((n % 48) / 8), endpoint = n % 4;
    return JSON.stringify({ schema_version: 1,
      id: `00000000-0000-7000-8001-${String(n).padStart(12, "0")}:0`,
      at: new Date(today - 86400000 * day + 3600000 * agent + n).toISOString(),
      agent: `${which}${String(agent).padStart(15, "0")}`, asn: 64510 + which,
      network: "Changing", country: "NL", prefix: `203.0.${agent}.0/24`,
      family: 4, endpoint: `mx${endpoint}.example`, address: "192.0.2.9",
      port: 25, mode: "starttls", attributed: true,
      ...(which && day < 7 ? cases[1] : cases[0]) });
  });
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

test("a database of imported rows", async () => {
  mkdirSync(join(folder, "state"));
  writeFileSync(join(folder, "endpoints.conf"),
    "[mx0.example]\nhost = 192.0.2.1\nports = 25\n" +
    "[mx1.example]\ndomain = example.net\ncontrol = 443\nrate = 0.25\n");
  writeFileSync(config, `[collector]\nstate = ${folder}/state\n` +
    `endpoints = ${folder}/endpoints.conf\n` +
    `listen = 127.0.0.1:${await freePort()}\n` +
    `admin = 127.0.0.1:${await freePort()}\n`);
  writeFileSync(join(folder, "rows.jsonl"),
    [...rows(), ...changing()].join("\n") + "\n");
  run("import", join(folder, "rows.jsonl"));
});

test("a collector that runs publishes its past", async () => {
  const serving = spawn(collector, ["serve", "--config", config],
    { stdio: "ignore" });
  const ended = new Promise((resolve) => serving.on("exit", resolve));
  try {
    for (let tries = 0; tries < 300; tries++) {
      await sleep(100);
      if (run("export", "--what", "history").includes("64511")) break;
    }
  } finally {
    serving.kill();
    assert.equal(await ended, 0);
  }
  const events = run("export", "--what", "events", "--asn", "64511").trim()
    .split("\n").map(JSON.parse);
  assert.deepEqual(events.map(({ from, to }) => [from, to]),
    [["insufficient", "open"], ["open", "filtered"]]);
  const days = run("export", "--what", "history", "--asn", "64511",
    "--country", "NL").trim().split("\n").map(JSON.parse);
  assert.equal(days.length, 10);
  assert.equal(days[9].state, "filtered");
  assert.equal(days[9].day,
    new Date(today - 86400000).toISOString().slice(0, 10));
  const since = run("export", "--what", "history", "--asn", "64511",
    "--since", days[8].day, "--until", days[9].day).trim().split("\n");
  assert.deepEqual(since.map((line) => JSON.parse(line).day), [days[8].day]);
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
