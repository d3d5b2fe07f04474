// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const web = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));

test("the map is what world.mjs projects", () =>
  assert.equal(
    execFileSync(process.execPath, [web("world.mjs")], { encoding: "utf8" }),
    readFileSync(web("src/world.json"), "utf8"),
    'run "node world.mjs > src/world.json"',
  ));

test("the map has land and dots, each once, inside its frame", () => {
  const world = JSON.parse(readFileSync(web("src/world.json"), "utf8"));
  const codes = world.land.map(([code]) => code).filter(Boolean);
  assert.equal(new Set(codes).size, codes.length);
  assert.ok(codes.includes("NL") && codes.length > 150);
  for (const [code, x, y] of world.dots) {
    assert.match(code, /^[A-Z]{2}$/);
    assert.ok(x >= 0 && x <= world.width && y >= 0 && y <= world.height);
  }
  assert.ok(world.dots.some(([code]) => code === "SG"));
});
