// SPDX-License-Identifier: Apache-2.0
// `export --by-day`: a file a day, and an export that breaks off goes on.
import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { appendFileSync, existsSync, readFileSync, readdirSync, rmSync,
  statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { ask } from "./duckdb.mjs";
import { collector, config, exported, folder, importRows, makeDatabase, run,
  today } from "./world.mjs";

const days = Array.from({ length: 10 }, (_, n) =>
  new Date(today - 86400000 * (10 - n)).toISOString().slice(0, 10));

function names(ending, prefix = "measurements-") {
  return days.map((day) => `${prefix}${day}.${ending}`);
}

function check(at) {
  execFileSync("sha256sum", ["--check", "--quiet", "--strict", "SHA256SUMS"],
    { cwd: at });
}

test("each day that is over has its file, in every format", async () => {
  await makeDatabase();
  const wanted = exported().filter(({ at }) => Date.parse(at) < today);
  for (const format of ["jsonl", "csv", "parquet"]) {
    const at = join(folder, format);
    run("export", "--by-day", "--format", format, "--output", at);
    assert.deepEqual(readdirSync(at).sort(),
      ["SHA256SUMS", ...names(format)]);
    check(at);
  }
  const lines = names("jsonl").flatMap((name) => readFileSync(
    join(folder, "jsonl", name), "utf8").trim().split("\n").map(JSON.parse));
  assert.deepEqual(lines, wanted);
  for (const day of days) {
    const [{ count }] = await ask(`SELECT count(*) AS count FROM
      '${folder}/parquet/measurements-${day}.parquet'`);
    assert.equal(Number(count),
      wanted.filter(({ at }) => at.startsWith(day)).length, day);
  }
});

test("what is there and whole stays, the rest is written", () => {
  const at = join(folder, "csv");
  const [same, gone, cut, changed, unlisted] = names("csv");
  const before = Object.fromEntries(names("csv").map((name) =>
    [name, readFileSync(join(at, name))]));
  const made = statSync(join(at, same)).ino;
  rmSync(join(at, gone));
  truncateSync(join(at, cut), 100);
  appendFileSync(join(at, changed), "x");
  const sums = join(at, "SHA256SUMS");
  writeFileSync(sums, readFileSync(sums, "utf8").split("\n")
    .filter((line) => !line.endsWith(unlisted)).join("\n"));
  run("export", "--by-day", "--format", "csv", "--output", at);
  check(at);
  for (const name of names("csv"))
    assert.deepEqual(readFileSync(join(at, name)), before[name], name);
  assert.equal(statSync(join(at, same)).ino, made, "it was written again");
});

test("an export that is killed goes on where it was", async () => {
  importRows(Array.from({ length: 20000 }, (_, n) => JSON.stringify({
    schema_version: 1, id: `00000000-0000-7000-8009-${
      String(n >> 2).padStart(12, "0")}:${n & 3}`,
    at: new Date(today - 86400000 * (1 + (n >> 2) % 10) + n).toISOString(),
    agent: "0000000000000001", asn: 64500, country: "DE",
    prefix: "198.51.100.0/24", family: 4, endpoint: "mx", port: 25,
    address: "192.0.2.1", mode: "starttls", ended: "done", attributed: true,
    outcome: "reachable", mechanism: "open" })));
  const whole = join(folder, "whole"), broken = join(folder, "broken");
  const words = ["export", "--config", config, "--by-day", "--output"];
  run("export", "--by-day", "--output", whole);
  let kills = 0;
  for (let wait = 5; wait < 5000; wait = wait * 1.5 + 5) {
    const writing = spawn(collector, [...words, broken], { stdio: "ignore" });
    const ended = new Promise((resolve) => writing.on("exit", resolve));
    await sleep(wait);
    writing.kill("SIGKILL");
    if (await ended === 0) break;
    kills++;
    if (existsSync(join(broken, "SHA256SUMS"))) check(broken);
  }
  assert.ok(kills > 0, "it was killed");
  run("export", "--by-day", "--output", broken);
  check(broken);
  for (const name of names("jsonl"))
    assert.deepEqual(readFileSync(join(broken, name)),
      readFileSync(join(whole, name)), name);
});

test("another network, window or kind has files of its own", () => {
  const at = join(folder, "some");
  const into = ["--by-day", "--format", "csv", "--output", at];
  run("export", "--asn", "64501", "--country", "DE", "--since", days[4],
    "--until", days[6], ...into);
  run("export", "--what", "history", "--since", days[9], ...into);
  assert.deepEqual(readdirSync(at).sort(), ["SHA256SUMS",
    `history-${days[9]}.csv`, `measurements-AS64501-DE-${days[4]}.csv`,
    `measurements-AS64501-DE-${days[5]}.csv`]);
});

test("what has no day, or no folder, is refused", () => {
  for (const words of [["--what", "networks", "--output", folder], [],
    ["--what", "endpoints", "--output", folder],
    ["--output", config]]) {
    const { status, stderr } = spawnSync(collector,
      ["export", "--config", config, "--by-day", ...words],
      { encoding: "utf8" });
    assert.equal(status, 2, `${words}: ${stderr}`);
    assert.equal(stderr.trim().split("\n").length, 1, stderr);
  }
});
