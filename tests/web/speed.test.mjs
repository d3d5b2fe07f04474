// SPDX-License-Identifier: Apache-2.0
// A table of 15,500 rows: what scrolling costs, by the browser's own counters
// of script, layout and style, which a busy machine does not blur.
import assert from "node:assert/strict";
import { test } from "node:test";
import { startCollector } from "./collector.mjs";
import { rows } from "./fixture.mjs";
import { browser, collector, useCollector } from "./stage.mjs";

const ROWS = 15500;
const ROW_PX = 40;
const FRAMES = 150;
const MOST_LAYOUTS = 2.5; // a frame, of two that the browser draws
const MOST_CHANGED = 900; // elements a frame: all of the rows are 5,000
const STATES = ["filtered", "open", "partial", "insufficient"];

useCollector(() => startCollector(rows(Date.now())));

// As many networks as the world has, in the API's columns.
function columns() {
  const all = Array.from({ length: ROWS }, (_, i) => i);
  const cell = (i) => {
    const state = STATES[i % 4];
    const level = state === "insufficient" ? null : "fair";
    return [state, null, level, 0.2, 0.5, 0.8, "2026-10-18T00:00:00Z", false];
  };
  return {
    generated: new Date().toISOString(),
    rows: ROWS,
    columns: {
      asn: all.map((i) => 4200000000 + i),
      name: all.map((i) => (i % 9 ? `Network ${i}` : null)),
      country: all.map(() => "DE"),
      family: all.map((i) => (i % 2 ? 6 : 4)),
      last: all.map(() => new Date().toISOString()),
      vantage_points: all.map((i) => i % 30),
      prefixes: all.map((i) => i % 20),
      endpoints: all.map(() => 5),
      p25: all.map(cell),
      p587: all.map(cell),
      p465: all.map(cell),
    },
  };
}

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

async function open() {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
  });
  const page = await context.newPage();
  const body = JSON.stringify(columns());
  await page.route("**/v1/networks?group=family*", (route) =>
    route.fulfill({ contentType: "application/json", body }),
  );
  await page.route("**/v1/history?keys=*", (route) => {
    const keys = new URL(route.request().url()).searchParams.get("keys");
    const history = Object.fromEntries(
      keys.split(",").map((key) => [key, ["of-o".repeat(15), "3303".repeat(15)]]),
    );
    return route.fulfill({ json: { history } });
  });
  await page.goto(`${collector.url}/networks`);
  await page.locator("tbody tr[data-row]").first().waitFor();
  await page.locator(".mini").first().waitFor();
  return { page, context };
}

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
// time itself is printed.
test("three rows a frame change few elements, in few layouts", async () => {
  const { page, context } = await open();
  const cdp = await context.newCDPSession(page);
  await cdp.send("Performance.enable", { timeDomain: "threadTicks" });
  const spent = async () => {
    const { metrics } = await cdp.send("Performance.getMetrics");
    const of = (name) => metrics.find((one) => one.name === name).value;
    return {
      ms: (of("ScriptDuration") + of("LayoutDuration") + of("RecalcStyleDuration")) * 1000,
      layouts: of("LayoutCount"),
    };
  };
  await page.evaluate(() => {
    globalThis.changed = 0;
    const count = (nodes) => {
      for (const node of nodes)
        if (node.nodeType === Node.ELEMENT_NODE)
          globalThis.changed += 1 + node.querySelectorAll("*").length;
    };
    new MutationObserver((records) => {
      for (const { addedNodes, removedNodes } of records) {
        count(addedNodes);
        count(removedNodes);
      }
    }).observe(document.body, { childList: true, subtree: true });
  });
  const frames = [], before = await spent();
  for (let i = 0; i < FRAMES; i++) {
    const began = (await spent()).ms;
    await page.evaluate(
      (px) =>
        new Promise((done) => {
          scrollBy(0, px);
          requestAnimationFrame(() => requestAnimationFrame(done));
        }),
      3 * ROW_PX,
    );
    frames.push((await spent()).ms - began);
  }
  frames.sort((a, b) => a - b);
  const [median, high] = [0.5, 0.95].map((share) => frames[Math.floor(share * FRAMES)]);
  const layouts = ((await spent()).layouts - before.layouts) / FRAMES;
  const changed = (await page.evaluate(() => globalThis.changed)) / FRAMES;
  console.log(
    `# a frame: ${median.toFixed(1)} ms of script, layout and style, at the 95th percentile ${high.toFixed(1)} ms; ${layouts.toFixed(2)} layouts, ${changed.toFixed(1)} elements come or go`,
  );
  assert.ok(layouts <= MOST_LAYOUTS, `${layouts} layouts a frame`);
  assert.ok(changed <= MOST_CHANGED, `${changed} elements a frame`);
  await context.close();
});
