// SPDX-License-Identifier: Apache-2.0
// A page that stays open asks again: one question of an address at a time, none
// while nobody looks, and no answer twice that has not changed.
import assert from "node:assert/strict";
import { test } from "node:test";
import { startCollector } from "./collector.mjs";
import { rows } from "./fixture.mjs";
import { browser, collector, useCollector } from "./stage.mjs";

const PATIENCE_MS = 60000; // of a busy machine; whatever is waited for ends it
const PATH = "/v1/networks/64500";
const MINUTE_MS = 60000;

useCollector(() => startCollector(rows(Date.now())));

// The page's clock can be put forward; `asked` gathers what is asked of PATH,
// `prepare` comes before the first of it.
async function open(prepare) {
  const context = await browser.newContext();
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  await page.clock.install();
  const asked = [];
  page.on("request", (request) => {
    if (new URL(request.url()).pathname === PATH) asked.push(request);
  });
  await prepare?.(page);
  await page.goto(`${collector.url}/as/64500`);
  return { page, asked, close: () => context.close() };
}

const shown = (page) =>
  page.getByRole("heading", { name: "Port 25 is filtered" }).waitFor();

const minutes = (page, count) => page.clock.runFor(count * MINUTE_MS + 1000);

// What the page has sent by now is known here after its answer to this.
const isSent = (page) => page.evaluate(() => fetch("/v1/about").then((it) => it.text()));

// As the browser tells a page that its tab is hidden, or seen again.
const setHidden = (page, hidden) =>
  page.evaluate((value) => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => value });
    document.dispatchEvent(new Event("visibilitychange"));
  }, hidden);

// The collector may count anew between the two: then it is another answer.
async function isNotSentTwice() {
  const statuses = [];
  for (let i = 0; i < 100; i++) {
    const { headers } = await fetch(`${collector.url}${PATH}`);
    const again = await fetch(`${collector.url}${PATH}`, {
      headers: { "if-none-match": headers.get("etag") },
    });
    statuses.push(again.status);
    if (again.status === 304) return;
    await new Promise((done) => setTimeout(done, 100));
  }
  assert.fail(`never 304: ${statuses.join(" ")}`);
}

test("once a minute it is asked again, and an answer that has not changed is not sent twice", async () => {
  const { page, asked, close } = await open();
  await shown(page);
  assert.equal(asked.length, 1);
  const again = page.waitForRequest((request) => new URL(request.url()).pathname === PATH);
  await minutes(page, 1);
  const request = await again;
  const headers = await request.allHeaders();
  const first = await asked[0].response();
  assert.equal(headers["if-none-match"], (await first.allHeaders()).etag);
  await isNotSentTwice();
  await shown(page);
  assert.equal(await page.getByRole("alert").count(), 0);
  await close();
});

test("while an answer is awaited, it is not asked for again", async () => {
  let release;
  const held = new Promise((done) => {
    release = done;
  });
  const { page, asked, close } = await open((it) =>
    it.route(`**${PATH}`, async (route) => {
      await held;
      await route.continue().catch(() => {}); // the page is gone by then
    }),
  );
  await page.waitForSelector("main [aria-busy=true]");
  await minutes(page, 5);
  await setHidden(page, true);
  await setHidden(page, false);
  await isSent(page);
  assert.equal(asked.length, 1);
  release();
  await shown(page);
  await close();
});

test("a tab that nobody sees asks nothing, and asks once when it is seen", async () => {
  const { page, asked, close } = await open();
  await shown(page);
  await page.waitForFunction(() => !document.querySelector("main [aria-busy=true]"));
  const all = [];
  page.on("request", (request) => all.push(new URL(request.url()).pathname));
  await setHidden(page, true);
  await minutes(page, 30);
  await isSent(page);
  assert.deepEqual(all, ["/v1/about"], "that one is the test's own");
  const again = page.waitForRequest((request) => new URL(request.url()).pathname === PATH);
  const began = await page.evaluate(() => Date.now());
  await setHidden(page, false);
  await again;
  await isSent(page);
  const took = (await page.evaluate(() => Date.now())) - began;
  assert.ok(took > MINUTE_MS || asked.length === 2, `${asked.length} times`);
  await close();
});
