// SPDX-License-Identifier: Apache-2.0
// The files that a collector writes by itself, and what is asked of them once
// they are fetched from it.
import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { appendFileSync, cpSync, existsSync, mkdirSync, readFileSync,
  readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { ask } from "./duckdb.mjs";
import { changing, collector, config, folder, importRows, makeDatabase, rows,
  run, today } from "./world.mjs";

const dumps = join(folder, "served");
const started = [];
let serving, log = "", ended, port, admin;

function ago(days) {
  return new Date(today - 86400000 * days).toISOString().slice(0, 10)
    .replaceAll("-", "/");
}

function start() {
  log = "";
  serving = spawn(collector, ["serve", "--config", config],
    { stdio: ["ignore", "ignore", "pipe"] });
  serving.stderr.on("data", (said) => { log += said; });
  started.push(serving);
  ended = new Promise((resolve) => serving.on("exit", resolve));
}

async function stop() {
  if (!serving) return;
  serving.kill();
  assert.equal(await ended, 0, log);
  serving = null;
}
// None stays, whatever failed: the test would wait for it.
after(() => started.forEach((process) => process.kill("SIGKILL")));

async function until(what, holds) {
  for (let tries = 0; tries < 1200; tries++) {
    if (await holds()) return;
    await sleep(100);
  }
  assert.fail(`${what}: not within two minutes\n${log}`);
}

function curl(path, ...more) {
  return execFileSync("curl", ["-sS", "--fail", ...more,
    `http://127.0.0.1:${port}${path}`], { encoding: "utf8" });
}

function metric(name) {
  const text = execFileSync("curl", ["-sS",
    `http://127.0.0.1:${admin}/metrics`], { encoding: "utf8" });
  return Number(text.match(new RegExp(`^egress25_${name} (.*)$`, "m"))[1]);
}

function all() {
  return readdirSync(dumps, { recursive: true }).sort();
}

test("a collector writes the days that are over by itself", async () => {
  await makeDatabase();
  appendFileSync(config, `[dumps]\ndirectory = ${dumps}\nafter = 0s\n`);
  const text = readFileSync(config, "utf8");
  port = text.match(/^listen = .*:(\d+)/m)[1];
  admin = text.match(/^admin = .*:(\d+)/m)[1];
  mkdirSync(join(dumps, `${ago(1)}.new`), { recursive: true });
  writeFileSync(join(dumps, `${ago(1)}.new`, "events.csv.gz"), "cut short");
  start();
  await until("yesterday", () => existsSync(join(dumps, ago(1))));
  for (let days = 1; days <= 10; days++)
    execFileSync("sha256sum", ["--check", "--quiet", "--strict",
      "SHA256SUMS"], { cwd: join(dumps, ago(days)) });
  assert.deepEqual(all().filter((path) => path.includes(".new")), []);
  await until("the line of the log", () =>
    log.includes(`files of ${ago(1).replaceAll("/", "-")}`));
  await until("the metric", () =>
    metric("dumps_until_timestamp_seconds") === today / 1000);
  assert.equal(metric("dumps_failed_total"), 0);
});

test("the three questions, by the API and from the files fetched", async () => {
  await until("the view", () =>
    spawnSync("curl", ["-sf", `http://127.0.0.1:${port}/v1/networks`])
      .status === 0);
  const fetched = join(folder, "fetched");
  for (const { path, files } of JSON.parse(
    curl("/data/index.json?limit=1000")).items)
    for (const { name, bytes } of files) {
      const to = join(fetched, path, name);
      // The first half, and then what is missing.
      curl(path + name, "--create-dirs", "-o", to, "-r",
        `0-${Math.floor(bytes / 2)}`);
      curl(path + name, "-o", to, "-C", "-");
    }
  for (let days = 1; days <= 10; days++)
    execFileSync("sha256sum", ["--check", "--quiet", "--strict",
      "SHA256SUMS"], { cwd: join(fetched, "data", ago(days)) });
  const data = join(fetched, "data");
  // Which networks of a country filter 25?
  const filtered = JSON.parse(curl(
    "/v1/networks?country=NL&port=25&state=filtered")).items;
  const found = await ask(`SELECT asn, level, vantage_points FROM
    '${data}/${ago(1)}/networks.parquet' WHERE country = 'NL' AND port = 25
    AND state = 'filtered'`);
  assert.deepEqual(found.map(({ asn }) => Number(asn)), [64511]);
  assert.deepEqual(filtered.map(({ asn }) => asn), [64511]);
  assert.equal(found[0].level, filtered[0].level);
  // Since when?
  const events = JSON.parse(curl(
    "/v1/events?asn=64511&port=25&to=filtered")).items;
  const since = await ask(`SELECT id, max("at") AS since FROM
    '${data}/*/*/*/events.parquet' WHERE asn = 64511 AND "to" = 'filtered'
    GROUP BY ALL ORDER BY since DESC`);
  assert.deepEqual(since.map(({ id }) => id), events.map(({ id }) => id));
  // On what evidence?
  const seen = JSON.parse(curl(
    "/v1/measurements?asn=64511&outcome=filtered&limit=1000")).items;
  const evidence = await ask(`SELECT id, mechanism FROM
    '${data}/*/*/*/measurements.parquet'
    WHERE asn = 64511 AND outcome = 'filtered'`);
  assert.ok(seen.length > 50);
  assert.deepEqual(evidence.map(({ id }) => id).sort(),
    seen.map(({ id }) => id).sort());
  await stop();
});

test("a day that was missed is made up for; late rows make a version",
  async () => {
    rmSync(join(dumps, ago(3)), { recursive: true });
    const before = all();
    const late = JSON.parse(changing().find((line) =>
      JSON.parse(line).at.startsWith(ago(2).replaceAll("/", "-"))));
    importRows([JSON.stringify({ ...late,
      id: "00000000-0000-7000-8002-000000000001:0" })]);
    // What is visited changes, and that is no row of those days.
    appendFileSync(join(folder, "endpoints.conf"),
      "[mx2.example]\nhost = 192.0.2.3\nports = 25\n");
    start();
    await until("the day that was missed",
      () => existsSync(join(dumps, ago(3))));
    await until("late rows", () => existsSync(join(dumps, `${ago(2)}.2`)));
    await sleep(1500);
    const names = readdirSync(join(dumps, ago(3)));
    assert.deepEqual(all(), [...before, ago(3), `${ago(2)}.2`,
      ...names.map((name) => `${ago(3)}/${name}`),
      ...names.map((name) => `${ago(2)}.2/${name}`)].sort());
    await stop();
  });

test("days older than those to keep are removed, with their versions",
  async () => {
    const kept = readFileSync(config, "utf8");
    const begin = (days) => all().filter((path) => path.startsWith(ago(days)));
    mkdirSync(join(dumps, `${ago(6)}.2`));
    writeFileSync(join(dumps, `${ago(6)}.2`, "SHA256SUMS"), "");
    writeFileSync(join(dumps, ago(7), "notes.txt"), "mine");
    const stay = [1, 2, 3, 4, 5, 7].map(begin);
    const away = join(folder, "away");
    renameSync(dumps, away);
    cpSync(away, dumps, { recursive: true, preserveTimestamps: true });
    // Four days and a piece of one are five.
    writeFileSync(config, `${kept}keep = 97h\n`);
    start();
    await until("old days", () => [6, 8, 9, 10].every((days) =>
      begin(days).length === 0));
    await until("the log", () => log.includes("there is more in it"));
    assert.deepEqual([1, 2, 3, 4, 5, 7].map(begin), stay);
    assert.equal(metric("dumps_failed_total"), 0);
    await stop();
    // By hand nothing goes, and what is asked for is written.
    run("dump");
    for (const days of [6, 8, 9, 10])
      assert.ok(existsSync(join(dumps, ago(days), "SHA256SUMS")));
    writeFileSync(config, kept);
    rmSync(dumps, { recursive: true });
    renameSync(away, dumps);
    rmSync(join(dumps, `${ago(6)}.2`), { recursive: true });
    rmSync(join(dumps, ago(7), "notes.txt"));
  });

test("another collector of the same rows writes the same bytes", async () => {
  const other = join(folder, "other.conf");
  writeFileSync(other, readFileSync(config, "utf8")
    .replace(/^state = .*/m, `state = ${folder}/other`)
    .replace(/^directory = .*/m, `directory = ${folder}/theirs`)
    .replace(/^(endpoints = .*)/m, "$1"));
  mkdirSync(join(folder, "other"));
  const lines = [...rows(), ...changing()].reverse();
  writeFileSync(join(folder, "again.jsonl"), lines.join("\n") + "\n");
  execFileSync(collector, ["import", "--config", other,
    join(folder, "again.jsonl")], { stdio: "ignore" });
  const theirs = spawn(collector, ["serve", "--config", other],
    { stdio: "ignore" });
  const gone = new Promise((resolve) => theirs.on("exit", resolve));
  try {
    await until("their files",
      () => existsSync(join(folder, "theirs", ago(1))));
  } finally {
    theirs.kill();
    await gone;
  }
  for (const name of ["measurements", "networks", "events"])
    assert.deepEqual(
      readFileSync(join(folder, "theirs", ago(4), `${name}.parquet`)),
      readFileSync(join(dumps, ago(4), `${name}.parquet`)), name);
});

test("only one process writes to a directory", async () => {
  const before = all();
  rmSync(join(dumps, ago(5)), { recursive: true });
  const holder = spawn("python3", ["-c", `import fcntl, sys
file = open(sys.argv[1], "r+")
fcntl.lockf(file, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()`, join(dumps, ".lock")]);
  await new Promise((resolve) => holder.stdout.once("data", resolve));
  const refused = spawnSync(collector, ["dump", "--config", config],
    { encoding: "utf8" });
  assert.notEqual(refused.status, 0);
  assert.match(refused.stderr, /another process writes days there/);
  holder.stdin.end();
  await new Promise((resolve) => holder.on("exit", resolve));
  run("dump");
  assert.deepEqual(all(), before);
});

test("when there is no name for one more version, that is an error", () => {
  renameSync(join(dumps, ago(6)), join(dumps, `${ago(6)}.999`));
  rmSync(join(dumps, `${ago(6)}.999`, "events.csv.gz"));
  const before = all();
  const refused = spawnSync(collector, ["dump", "--config", config, "--again",
    "--since", ago(6).replaceAll("/", "-")], { encoding: "utf8" });
  assert.equal(refused.status, 2);
  assert.match(refused.stderr, /no name for one more/);
  assert.deepEqual(all(), before);
});

test("days whose rows are partly gone are not written", () => {
  const short = join(folder, "short.conf");
  writeFileSync(short, readFileSync(config, "utf8")
    .replace(/^directory = .*/m, `directory = ${folder}/short`)
    .replace("[dumps]", "retention = 5d\n[dumps]"));
  execFileSync(collector, ["dump", "--config", short], { stdio: "ignore" });
  const kept = Date.now() - 5 * 86400000 + 3600000;
  for (let days = 1; days <= 10; days++)
    assert.equal(existsSync(join(folder, "short", ago(days))),
      today - 86400000 * days >= kept, ago(days));
});
