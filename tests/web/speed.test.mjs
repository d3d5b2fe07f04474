// SPDX-License-Identifier: Apache-2.0
// A table of 15,500 rows: what is in the document, and what scrolling changes.
import assert from "node:assert/strict";
import { test } from "node:test";
import { startCollector } from "./collector.mjs";
import { rows } from "./fixture.mjs";
import { openTable, ROWS, scrollCost } from "./long_table.mjs";
import { browser, collector, useCollector } from "./stage.mjs";

const MOST_LAYOUTS = 2.5; // a frame, of two that the browser draws
const MOST_CHANGED = 900; // elements a frame: all of the rows are 5,000

useCollector(() => startCollector(rows(Date.now())));

const NETWORK = (number) => ({
  asn: 64500,
  name: `Network ${number}`,
  country: "DE",
  family: 4,
  port: 25,
  state: "filtered",
  mechanism: "drop",
  level: "fair",
  blocked_share: { low: 0.5, mid: 0.8, high: 1 },
  vantage_points: 4,
  prefixes: 4,
  since: null,
  since_is_first: true,
  last: new Date().toISOString(),
});

const open = () => openTable(browser, collector.url);

test("few of many rows are in the document, and all are counted", async () => {
  const { page, context } = await open();
  assert.equal(
    await page.locator("table").getAttribute("aria-rowcount"),
    String(ROWS + 1),
  );
  assert.ok((await page.locator("tbody tr").count()) < 60);
  await page.locator("tbody a").first().focus();
  await page.keyboard.press("End");
  await page.waitForFunction(
    (last) => document.activeElement.closest("tr")?.dataset.row === last,
    String(ROWS - 1),
  );
  await context.close();
});

test("Back returns to the row and to the place in the list", async () => {
  const { page, context } = await open();
  await page.evaluate(() => scrollTo(0, 123456));
  const link = page.locator('tr[data-row="3090"] a');
  await link.waitFor();
  const href = await link.getAttribute("href");
  await link.focus();
  const before = await page.evaluate(() => scrollY);
  await page.keyboard.press("Enter");
  await page.waitForURL(`**${href}`);
  await page.locator("h1", { hasText: "AS42" }).waitFor();
  await page.goBack();
  await page.waitForFunction(
    (wanted) => document.activeElement.getAttribute("href") === wanted,
    href,
  );
  assert.equal(await page.evaluate(() => scrollY), before);
  await context.close();
});

// The answers are made up here, since no test has so many rows in a store.
test("of more than 20,000 networks the collector chooses", async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  const asked = [];
  await page.route("**/v1/networks?*", (route) => {
    const query = new URL(route.request().url()).searchParams;
    asked.push(query);
    const items = query.get("limit") === "1000" ? [NETWORK(asked.length)] : [];
    return route.fulfill({ json: { items, total: 25000, next: "9.4.25" } });
  });
  await page.goto(`${collector.url}/networks?state=filtered`);
  await page.getByText("1 of 25,000 networks").waitFor();
  assert.ok(asked.every((query) => !query.has("group")), "never all of them");
  assert.equal(asked.at(-1).get("state"), "filtered");
  await page.fill(".filters input[type=search]", "hanse");
  await page.getByText("Network 3").waitFor();
  assert.equal(asked.at(-1).get("q"), "hanse");
  assert.equal(asked.length, 3, "typing asks once, when it rests");
  await page.getByRole("button", { name: "The next 1,000" }).click();
  await page.getByText("Network 4").waitFor();
  assert.equal(asked.at(-1).get("cursor"), "9.4.25");
  await context.close();
});

// What a frame's time is made of, which no other work on the machine changes; the
// time itself is printed, and has its bar in ./dev bench pages.
test("three rows a frame change few elements, in few layouts", async () => {
  const table = await open();
  const cost = await scrollCost(table, { frames: 150, rows: 3 });
  console.log(
    `# a frame: ${cost.median.toFixed(1)} ms of script, layout and style, at the 95th percentile ${cost.high.toFixed(1)} ms; ${cost.layouts.toFixed(2)} layouts, ${cost.changed.toFixed(1)} elements come or go`,
  );
  assert.ok(cost.layouts <= MOST_LAYOUTS, `${cost.layouts} layouts a frame`);
  assert.ok(cost.changed <= MOST_CHANGED, `${cost.changed} elements a frame`);
  await table.context.close();
});
