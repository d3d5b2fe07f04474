// SPDX-License-Identifier: Apache-2.0
// The files of whole days: what they hold, and what doc/data.md asks of them.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { ask } from "./duckdb.mjs";
import { changing, exported, folder, importRows, makeDatabase, publishPast,
  run, today } from "./world.mjs";

const dumps = join(folder, "dumps");
const doc = readFileSync(new URL("../../doc/data.md", import.meta.url), "utf8");

/** "YYYY/MM/DD" of so many days ago. */
function ago(days) {
  return new Date(today - 86400000 * days).toISOString().slice(0, 10)
    .replaceAll("-", "/");
}

function read(day, name) {
  return readFileSync(join(dumps, day, name));
}

test("the days that are over are dumped, each once", async () => {
  await makeDatabase();
  await publishPast();
  run("dump", "--output", dumps);
  for (let days = 1; days <= 10; days++)
    assert.ok(existsSync(join(dumps, ago(days), "SHA256SUMS")), ago(days));
  assert.ok(!existsSync(join(dumps, ago(0))), "today is not over");
  const before = readdirSync(dumps, { recursive: true }).sort();
  run("dump", "--output", dumps);
  run("dump", "--output", dumps, "--again");
  assert.deepEqual(readdirSync(dumps, { recursive: true }).sort(), before);
});

test("the sums are those of the files, and no file lacks one", () => {
  const sums = read(ago(1), "SHA256SUMS").toString().trim().split("\n");
  for (const line of sums) {
    const [sum, name] = line.split("  ");
    assert.equal(createHash("sha256").update(read(ago(1), name)).digest("hex"),
      sum, name);
  }
  assert.deepEqual(readdirSync(join(dumps, ago(1))).sort(),
    [...sums.map((line) => line.split("  ")[1]), "SHA256SUMS",
      "datapackage.json"].sort());
});

test("datapackage.json says what is in each file", () => {
  const { resources } = JSON.parse(read(ago(1), "datapackage.json"));
  assert.equal(resources.length, 7);
  for (const { path, bytes, hash, rows, schema } of resources) {
    const file = read(ago(1), path);
    assert.equal(bytes, file.length, path);
    assert.equal(hash, "sha256:" +
      createHash("sha256").update(file).digest("hex"), path);
    if (!path.endsWith(".csv.gz")) continue;
    const lines = gunzipSync(file).toString().trim().split("\r\n");
    assert.equal(rows, lines.length - 1, path);
    assert.deepEqual(schema.fields.map(({ name }) => name),
      lines[0].split(","), path);
    for (const field of schema.fields)
      assert.ok(field.description, `${path}: ${field.name}`);
  }
});

test("a day has its measurements and no others, in both formats", async () => {
  const wanted = exported("--since", ago(3).replaceAll("/", "-"), "--until",
    ago(2).replaceAll("/", "-")).map(({ id }) => id).sort();
  const found = await ask(`SELECT id FROM
    '${dumps}/${ago(3)}/measurements.parquet' ORDER BY id`);
  assert.deepEqual(found.map(({ id }) => id), wanted);
  const lines = gunzipSync(read(ago(3), "measurements.csv.gz")).toString()
    .trim().split("\r\n");
  assert.equal(lines.length - 1, wanted.length);
});

// The examples of the documentation, over this folder.
const examples = [...doc.matchAll(/```sql\n(.*?)```/gs)].map(([, sql]) => sql);

test("the documentation's questions are answered", async () => {
  assert.equal(examples.length, 3);
  const answers = [];
  for (const sql of examples)
    answers.push(await ask(sql.replaceAll("dumps/", `${dumps}/`)
      .replaceAll("2026/11/25", ago(1))));
  assert.deepEqual(answers[0].map(({ asn }) => asn), [64511]);
  const [since] = answers[1];
  assert.equal(since.asn, 64511);
  assert.equal(since.to, "filtered");
  assert.ok(answers[2].length > 0);
  for (const row of answers[2]) assert.equal(row.mechanism, "drop");
});

test("a late row makes a version beside, and leaves the first", () => {
  const before = read(ago(2), "SHA256SUMS");
  const late = JSON.parse(changing().find((line) =>
    JSON.parse(line).at.startsWith(ago(2).replaceAll("/", "-"))));
  importRows([JSON.stringify({ ...late,
    id: "00000000-0000-7000-8002-000000000001:0" })]);
  run("dump", "--output", dumps);
  assert.ok(!existsSync(join(dumps, `${ago(2)}.2`)), "only when asked to");
  run("dump", "--output", dumps, "--again");
  assert.deepEqual(read(ago(2), "SHA256SUMS"), before);
  assert.notDeepEqual(read(`${ago(2)}.2`, "SHA256SUMS"), before);
  assert.ok(!existsSync(join(dumps, `${ago(3)}.2`)), "no other day changed");
});
