// SPDX-License-Identifier: Apache-2.0
// /openapi.json is OpenAPI 3.1 to somebody else's validator, and a client that
// knows nothing but it gets its answers.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Validator } from "@seriousme/openapi-schema-validator";
import { freePort } from "../ports.mjs";

const folder = mkdtempSync(join(tmpdir(), "egress25-openapi-"));
let collector, url, document;

async function get(path) {
  for (let i = 0; i < 600; i++) {
    try {
      const reply = await fetch(url + path);
      if (reply.status !== 503) return reply;
    } catch { /* it starts */ }
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(`${path}: no answer within a minute`);
}

before(async () => {
  const port = await freePort();
  const config = join(folder, "collector.conf");
  writeFileSync(config, `[collector]\nlisten = 127.0.0.1:${port}\n` +
    `admin = 127.0.0.1:${await freePort()}\nstate = ${folder}/state\n`);
  collector = spawn(process.env.EGRESS25_COLLECTOR,
    ["serve", "--config", config], { stdio: "ignore" });
  url = `http://127.0.0.1:${port}`;
  document = await (await get("/openapi.json")).json();
});

after(() => {
  collector.kill();
  rmSync(folder, { recursive: true });
});

test("a public validator finds it valid", async () => {
  const { valid, errors } = await new Validator().validate(
    structuredClone(document));
  assert.ok(valid, JSON.stringify(errors)?.slice(0, 2000));
  assert.equal(document.openapi, "3.1.0");
});

test("a document that is wrong is seen", async () => {
  const wrong = structuredClone(document);
  delete wrong.paths["/v1/networks"].get.responses;
  wrong.paths["/v1/networks"].get.parameters[0].in = "nowhere";
  const { valid } = await new Validator().validate(wrong);
  assert.ok(!valid);
});

const examples = { asn: "64500", country: "DE", year: "2026", month: "11",
  day: "25", file: "SHA256SUMS",
  id: "01930000-0000-7000-8000-000000000001" };

function exampleOf({ name, schema }) {
  const one = schema.type === "array" ? schema.items : schema;
  if (examples[name]) return examples[name];
  if (one.enum) return one.enum[0];
  if (one.type === "integer") return one.minimum;
  if (one.anyOf)
    return name === "since" ? "2026-01-01" : "2026-01-02T00:00:00Z";
  return name === "keys" ? "64500.4.25" : name === "cursor" ? "1.4.25" : "x";
}

function known(path, operation) {
  const needed = operation.parameters.filter(
    (p) => p.in === "query" && p.required);
  return path.replace(/\{(\w+)\}/g, (_, name) => exampleOf(
    operation.parameters.find((p) => p.in === "path" && p.name === name))) + "?" +
    needed.map((p) => `${p.name}=${exampleOf(p)}`).join("&");
}

test("each read of it is answered as it says", async () => {
  for (const [path, { get: operation }] of Object.entries(document.paths)) {
    if (!operation || operation.description?.startsWith("Signed")) continue;
    const reply = await get(known(path, operation));
    const media = reply.headers.get("content-type").split(";")[0];
    assert.ok([200, 404].includes(reply.status), `${path}: ${reply.status}`);
    const said = operation.responses[reply.status] ??
      operation.responses.default;
    assert.ok(said.content[media], `${path}: ${media}`);
    await reply.arrayBuffer();
  }
});

test("each parameter of it is taken, and no other", async () => {
  for (const [path, { get: operation }] of Object.entries(document.paths)) {
    if (!operation || operation.description?.startsWith("Signed")) continue;
    for (const parameter of operation.parameters) {
      if (parameter.in !== "query" || parameter.required ||
          parameter.name === "cursor") continue;
      const at = `${known(path, operation)}&${parameter.name}=` +
        encodeURIComponent(exampleOf(parameter));
      const reply = await get(at);
      assert.notEqual(reply.status, 400, `${at}: ${await reply.text()}`);
    }
    const reply = await get(`${known(path, operation)}&no_such=1`);
    assert.equal(reply.status, 400, path);
    assert.equal((await reply.json()).error.field, "no_such", path);
  }
});

test("every member that it names has a meaning", () => {
  const without = new Set();
  const walk = (schema) => {
    for (const [name, member] of Object.entries(schema?.properties ?? {})) {
      if (!member.description && !/^(open|filtered|partial|intercepted|inconsistent|insufficient|thin|fair|strong)$/.test(name))
        without.add(name);
      walk(member);
      walk(member.items);
    }
  };
  for (const operations of Object.values(document.paths))
    for (const operation of Object.values(operations))
      for (const reply of Object.values(operation.responses))
        for (const content of Object.values(reply.content))
          walk(content.schema);
  assert.deepEqual([...without], []);
});
