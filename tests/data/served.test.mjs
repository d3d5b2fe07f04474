// SPDX-License-Identifier: Apache-2.0
// The networks of a filter that the collector serves as Parquet are those of
// its CSV, to two readers that know nothing of us.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects }
  from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { ask } from "./duckdb.mjs";
import { compared, typesOf } from "./same.mjs";
import { collector, config, folder, importRows, makeDatabase, run, today }
  from "./world.mjs";

const MANY = 5000; // more than a row group of a stream
const GROUP = 4096;
const MEDIA = "application/vnd.apache.parquet";

let serving;
let ended;
let port;

// Networks that one vantage point alone has seen.
function many() {
  return Array.from({ length: MANY }, (_, n) => JSON.stringify({
    schema_version: 1,
    id: `00000000-0000-7000-8002-${String(n).padStart(12, "0")}:0`,
    at: new Date(today - 86400000 + n).toISOString(),
    agent: String(n).padStart(16, "0"), asn: 100000 + n,
    network: `Many ${n}`, country: "FR", prefix: "203.0.113.0/24", family: 4,
    endpoint: "mx0.example", address: "192.0.2.1", port: 25,
    mode: "starttls", attributed: true, outcome: "reachable",
    mechanism: "open", ended: "done", smtp_code: 250 }));
}

const url = (query) => `http://127.0.0.1:${port}/v1/networks?${query}`;

async function answer(query, options) {
  for (let tries = 0; tries < 600; tries++) {
    try {
      const reply = await fetch(url(query), options);
      if (reply.status !== 503) return reply;
    } catch { /* it starts */ }
    await sleep(100);
  }
  throw new Error(`${query}: no answer within a minute`);
}

async function bytesOf(query) {
  const reply = await answer(query);
  assert.equal(reply.status, 200, query);
  return Buffer.from(await reply.arrayBuffer());
}

// A 426 or a break would not be 200.
function askedOld(path) {
  return new Promise((done, failed) => {
    const parts = [];
    const peer = connect(port, "127.0.0.1", () =>
      peer.write(`GET ${path} HTTP/1.0\r\nHost: c.example\r\n\r\n`));
    peer.on("data", (part) => parts.push(part));
    peer.on("error", failed);
    peer.on("end", () => {
      const all = Buffer.concat(parts);
      const at = all.indexOf("\r\n\r\n");
      done({ head: all.subarray(0, at).toString(), body: all.subarray(at + 4) });
    });
  });
}

before(async () => {
  await makeDatabase();
  importRows(many());
  port = Number(/^listen = .*:(\d+)$/m.exec(readFileSync(config, "utf8"))[1]);
  serving = spawn(collector, ["serve", "--config", config],
    { stdio: "ignore" });
  ended = new Promise((resolve) => serving.on("exit", resolve));
});

after(async () => {
  serving.kill();
  assert.equal(await ended, 0);
});

// Both files of a filter, of the same view: nothing changed between them.
async function taken(name, query) {
  const file = (format) => join(folder, `served-${name}.${format}`);
  const asked = (format) => bytesOf(`${query}&format=${format}`);
  let csv = await asked("csv");
  for (let before = null; !before?.equals(csv); csv = await asked("csv")) {
    before = csv;
    writeFileSync(file("parquet"), await asked("parquet"));
  }
  writeFileSync(file("csv"), csv);
  return { csv: file("csv"), parquet: file("parquet") };
}

// Is it what CSV has as this text?
function isSame(value, text) {
  if (value === null || value === undefined) return text === null;
  if (value instanceof Date) return value.getTime() === Date.parse(text);
  if (typeof value === "number" && !Number.isInteger(value))
    return Math.abs(value - Number(text)) < 1e-6;
  if (typeof value === "number") return value === Number(text);
  return String(value) === text.replace(/^'([=+@-])/, "$1");
}

async function readByHyparquet({ csv, parquet }) {
  const file = await asyncBufferFromFile(parquet);
  const read = await parquetReadObjects({ file, compressors });
  const lines = await ask(`FROM read_csv('${csv}', header = true,
    all_varchar = true)`);
  assert.equal(read.length, lines.length);
  lines.forEach((line, row) => {
    for (const [name, text] of Object.entries(line))
      assert.ok(isSame(read[row][name], text),
        `row ${row}: ${name} is ${read[row][name]}, not ${text}`);
  });
  return lines.length;
}

const FILTERS = [
  ["all", "sort=asn", (rows) => rows === MANY + 8],
  ["country", "country=NL", (rows) => rows === 2],
  ["state", "state=filtered,partial&port=25", (rows) => rows > 0],
  ["search", "q=chang", (rows) => rows === 2],
  ["family", "family=6&sort=name", (rows) => rows === 3],
  ["text", "asn=64501&sort=evidence", (rows) => rows === 2],
  ["limit", "limit=3&sort=since", (rows) => rows === 3],
  ["cursor", "cursor=64510.4.25&limit=700", (rows) => rows === 700],
  ["nothing", "asn=64999", (rows) => rows === 0],
];

for (const [name, query, isRight] of FILTERS)
  test(`the networks of ${query}: rows, order and values`, async () => {
    const files = await taken(name, query);
    const rows = await readByHyparquet(files);
    assert.ok(isRight(rows), `${rows} rows`);
    const { total, lost, made } = await compared(files.csv, files.parquet);
    assert.deepEqual({ total, lost, made },
      { total: BigInt(rows), lost: 0n, made: 0n });
  });

// What is served is up to a minute old, and `since` changes once the past is
// published, which the collector does meanwhile.
test("columns, types and values are those of the export", async () => {
  const exported = join(folder, "exported.parquet");
  let only = null;
  for (let tries = 0; tries < 180 && only?.length !== 0; tries++) {
    if (tries > 0) await sleep(1000);
    run("export", "--what", "networks", "--format", "parquet",
      "--output", exported);
    const { parquet } = await taken("again", "sort=asn");
    assert.deepEqual(await typesOf(parquet), await typesOf(exported));
    only = await ask(`
      (FROM '${parquet}' EXCEPT ALL FROM '${exported}') UNION ALL
      (FROM '${exported}' EXCEPT ALL FROM '${parquet}')`);
  }
  assert.deepEqual(only, []);
});

test("a row group is no more than is held for one client", async () => {
  const { parquet } = await taken("groups", "sort=asn");
  const { row_groups } = await parquetMetadataAsync(
    await asyncBufferFromFile(parquet));
  assert.deepEqual(row_groups.map((group) => Number(group.num_rows)),
    [GROUP, MANY + 8 - GROUP]);
});

test("HEAD says what it is, and no more", async () => {
  const reply = await answer("format=parquet", { method: "HEAD" });
  assert.equal(reply.status, 200);
  assert.equal(reply.headers.get("content-type"), MEDIA);
  assert.equal((await reply.arrayBuffer()).byteLength, 0);
});

test("who speaks HTTP/1.0 gets the same bytes, with their number", async () => {
  const { head, body } = await askedOld("/v1/networks?format=parquet&country=DE");
  assert.match(head, /^HTTP\/1\.[01] 200 /);
  assert.match(head, new RegExp(`^Content-Type: ${MEDIA}\r?$`, "mi"));
  assert.match(head, new RegExp(`^Content-Length: ${body.length}\r?$`, "mi"));
  assert.ok(body.equals(await bytesOf("format=parquet&country=DE")));
});
