// SPDX-License-Identifier: Apache-2.0
// What each view says while it waits, where nothing has been reported yet, and
// where what was asked for does not exist.
import assert from "node:assert/strict";
import { test } from "node:test";
import { findings } from "./axe.mjs";
import { startCollector } from "./collector.mjs";
import { complaintsOf } from "./complaints.mjs";
import { reportOf } from "./fixture.mjs";
import { browser, collector, useCollector } from "./stage.mjs";
import { VIEWS } from "./views.mjs";

const PATIENCE_MS = 60000; // of a busy machine; whatever is waited for ends it

useCollector(() => startCollector([]));

async function open(path, { prepare, refused = [] } = {}) {
  const context = await browser.newContext({
    viewport: { width: 320, height: 640 },
    bypassCSP: true,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  const complaints = complaintsOf(page, collector.url, refused);
  await prepare?.(page);
  await page.goto(`${collector.url}${path}`);
  await page.waitForSelector("main h1");
  return { page, complaints, close: () => context.close() };
}

const settled = (page) =>
  page.waitForFunction(
    () => !document.querySelector("main [aria-busy=true]"),
  );

async function fits(page) {
  const over = await page.evaluate(
    () => document.documentElement.scrollWidth - innerWidth,
  );
  assert.ok(over <= 0, `${over} px too wide`);
}

// --- while it waits ---

for (const [name, path] of VIEWS.filter(([one]) => one !== "nowhere"))
  test(`${name}, while nothing has answered: its heading, and what it waits for`, async () => {
    let release;
    const held = new Promise((done) => {
      release = done;
    });
    const prepare = (page) =>
      page.route("**/v1/**", async (route) => {
        await held;
        await route.abort().catch(() => {}); // the page is gone by then
      });
    const { page, close } = await open(path, { prepare });
    const waiting = page.locator("main [aria-busy=true]").first();
    await waiting.waitFor();
    assert.match(await waiting.innerText(), /^Loading .+…$/);
    assert.ok((await waiting.boundingBox()).height >= 24);
    assert.equal(await page.locator("h1").count(), 1);
    assert.notEqual((await page.locator("h1").innerText()).trim(), "");
    assert.equal(await page.getByRole("alert").count(), 0);
    assert.equal(await page.getByText("nobody has measured").count(), 0);
    await fits(page);
    assert.deepEqual(await findings(page), []);
    release();
    await close();
  });

// --- where nothing has been reported yet ---

const EMPTY = [
  ["overview", "/", /No vantage point has reported yet\./],
  ["my network", "/my-network", /We cannot say yet\./],
  ["networks", "/networks", /No vantage point has reported yet\./],
  ["days", "/networks?view=days", /No vantage point has reported yet\./],
  ["network", "/as/64500", /AS64500: nobody has measured here\./],
  ["countries", "/countries", /No vantage point has reported over IPv4 yet\./],
  ["country", "/country/DE", /Germany: nobody has measured here over IPv4\./],
  ["changes", "/changes", /No change/],
  ["measurement", `/m/${reportOf("a000000000000001")}`, /There is no report .* here\./],
  ["data", "/data", /No measurement/],
  ["counts", "/data?axis_x=day&axis_y=outcome", /No measurement/],
  ["about", "/about", /What is measured/],
];

for (const [name, path, sentence] of EMPTY)
  test(`${name}, of a collector that nobody has reported to`, async () => {
    const { page, complaints, close } = await open(path, {
      refused: [`/v1/networks/64500`, `/v1/reports/${reportOf("a000000000000001")}`, "/v1/countries/DE"],
    });
    await settled(page);
    assert.match(await page.locator("main").innerText(), sentence);
    assert.doesNotMatch(await page.locator("main").innerText(), /NaN|undefined|\[object/);
    await fits(page);
    assert.deepEqual(complaints, []);
    assert.deepEqual(await findings(page), []);
    await close();
  });
