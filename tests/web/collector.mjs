// SPDX-License-Identifier: Apache-2.0
// A real collector on loopback, with rows of a fixture in its store, or with the
// made-up fleet of ./dev up --demo.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { freePort } from "../ports.mjs";

const program = process.env.EGRESS25_COLLECTOR;
const demo = process.env.EGRESS25_DEMO;
const draw = fileURLToPath(new URL("../demo/draw.sh", import.meta.url));

async function untilItAnswers(url) {
  for (let tries = 0; tries < 600; tries++) {
    try {
      if ((await fetch(`${url}/v1/summary`)).ok) return;
    } catch {
      // not listening yet
    }
    await sleep(100);
  }
  throw new Error("the collector did not answer within a minute");
}

// Start one with `rows` imported, and what is said beside its networks:
// { asn, kind, by, text }. Returns { url, stop }.
export async function startCollector(rows, said = []) {
  if (!program) throw new Error("EGRESS25_COLLECTOR names no program");
  const folder = mkdtempSync(join(tmpdir(), "egress25-web-"));
  const config = join(folder, "collector.conf");
  const port = await freePort();
  const admin = await freePort();
  writeFileSync(
    config,
    `[collector]\nlisten = 127.0.0.1:${port}\nadmin = 127.0.0.1:${admin}\n` +
      `state = ${folder}\n[geo]\nasn =\ncountry =\n`,
  );
  writeFileSync(
    join(folder, "rows.jsonl"),
    rows.map((row) => `${JSON.stringify(row)}\n`).join(""),
  );
  execFileSync(program, [
    "import",
    "--config",
    config,
    join(folder, "rows.jsonl"),
  ]);
  for (const { asn, kind, by, text } of said)
    execFileSync(program, [
      "annotate",
      "--config",
      config,
      "--kind",
      kind,
      ...(by ? ["--by", by] : []),
      String(asn),
      text,
    ]);
  return serve(config, port, folder);
}

// Two ports that follow each other.
async function freePair() {
  for (;;) {
    const port = await freePort();
    if (port < 65535 && (await isFree(port + 1))) return port;
  }
}

function isFree(port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}

// Start one with the first networks of the demo; this machine is in the first
// of them, AS4200000000 (tests/demo/demo_world.c). Returns { url, stop }.
export async function startDemo(networks = 60) {
  if (!program || !demo)
    throw new Error("EGRESS25_COLLECTOR or EGRESS25_DEMO names no program");
  const folder = mkdtempSync(join(tmpdir(), "egress25-demo-"));
  const port = await freePair();
  execFileSync(draw, [demo, join(folder, "state"), networks, port], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const config = join(folder, "state", "collector.conf");
  const since = new Date(Date.now() - 3 * 86400000).toISOString().slice(0, 10);
  execFileSync(program, ["dump", "--config", config, "--since", since], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  return serve(config, port, folder);
}

async function serve(config, port, folder) {
  const child = spawn(program, ["serve", "--config", config], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  const url = `http://127.0.0.1:${port}`;
  const stop = async () => {
    child.kill("SIGTERM");
    await new Promise((resolve) => child.once("exit", resolve));
    rmSync(folder, { recursive: true });
  };
  try {
    await untilItAnswers(url);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, stop };
}
