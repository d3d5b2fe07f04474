// SPDX-License-Identifier: Apache-2.0
// A database of imported rows whose past a collector has published.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../ports.mjs";

export const collector = process.env.EGRESS25_COLLECTOR;
export const folder = mkdtempSync(join(tmpdir(), "egress25-data-"));
export const config = join(folder, "collector.conf");
export const today = Math.floor(Date.now() / 86400000) * 86400000;
after(() => rmSync(folder, { recursive: true }));

export function run(command, ...args) {
  return execFileSync(collector, [command, "--config", config, ...args],
    { stdio: ["ignore", "pipe", "pipe"], encoding: "utf8",
      maxBuffer: 1 << 28 });
}

/** What `export` writes as JSON lines. */
export function exported(...args) {
  return run("export", ...args).trim().split("\n").map(JSON.parse);
}

export function importRows(rows) {
  writeFileSync(join(folder, "rows.jsonl"), rows.join("\n") + "\n");
  run("import", join(folder, "rows.jsonl"));
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

export function rows() {
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
export function changing() {
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

export async function makeDatabase() {
  mkdirSync(join(folder, "state"));
  writeFileSync(join(folder, "endpoints.conf"),
    "[mx0.example]\nhost = 192.0.2.1\nports = 25\n" +
    "[mx1.example]\ndomain = example.net\ncontrol = 443\nrate = 0.25\n");
  writeFileSync(config, `[collector]\nstate = ${folder}/state\n` +
    `endpoints = ${folder}/endpoints.conf\n` +
    `listen = 127.0.0.1:${await freePort()}\n` +
    `admin = 127.0.0.1:${await freePort()}\n`);
  importRows([...rows(), ...changing()]);
}

/** Let a collector run until it has published the days that are over. */
export async function publishPast() {
  const serving = spawn(collector, ["serve", "--config", config],
    { stdio: "ignore" });
  const ended = new Promise((resolve) => serving.on("exit", resolve));
  try {
    for (let tries = 0; tries < 600; tries++) {
      await sleep(100);
      if (run("export", "--what", "history").includes("64511")) break;
    }
  } finally {
    serving.kill();
    assert.equal(await ended, 0);
  }
}
