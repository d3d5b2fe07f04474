// SPDX-License-Identifier: Apache-2.0
// What stands between a reader and the first sentence of "/": counted, so that
// a busy machine does not blur it. ./dev bench pages has the time.
import assert from "node:assert/strict";
import { test } from "node:test";
import { startDemo } from "./collector.mjs";
import { browser, collector, useCollector } from "./stage.mjs";

const SUMMARY = "/v1/summary?port=25&family=4";
const SENTENCE = /networks we know well enough/;
const MOST_LAYOUTS = 12;
const MOST_ELEMENTS = 1200;

useCollector(() => startDemo(60));

async function open(path) {
  const context = await browser.newContext();
  const page = await context.newPage();
  const asked = [];
  page.on("request", (request) =>
    asked.push(request.url().slice(collector.url.length)),
  );
  const counters = await context.newCDPSession(page);
  await counters.send("Performance.enable", { timeDomain: "threadTicks" });
  await page.goto(`${collector.url}${path}`);
  await page.getByRole("heading", { level: 1, name: SENTENCE }).waitFor();
  const { metrics } = await counters.send("Performance.getMetrics");
  return {
    page,
    asked,
    metric: (name) => metrics.find((one) => one.name === name).value,
    close: () => context.close(),
  };
}

test("its answer is asked for with the script, not after it, and once", async () => {
  const { page, asked, close } = await open("/");
  const [summary, script] = await page.evaluate(
    (paths) =>
      paths.map(
        (path) => performance.getEntriesByName(`${location.origin}${path}`)[0].startTime,
      ),
    [SUMMARY, "/app.js"],
  );
  assert.ok(summary <= script, `asked at ${summary}, the script at ${script}`);
  assert.equal(asked.filter((path) => path === SUMMARY).length, 1, asked.join(" "));
  await close();
});

test("once its answer is there, no other heading is drawn before it", async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.addInitScript(() => {
    globalThis.setTimeout = () => 0; // no patience ends: it waits for the answer
    globalThis.headings = [];
    new MutationObserver(() => {
      const said = document.querySelector("main h1")?.textContent;
      if (said && said !== globalThis.headings.at(-1)) globalThis.headings.push(said);
    }).observe(document, { childList: true, subtree: true, characterData: true });
  });
  const answered = page.waitForResponse(`${collector.url}${SUMMARY}`);
  await page.route("**/app.js", async (route) => {
    await (await answered).finished();
    await route.continue();
  });
  await page.goto(`${collector.url}/`);
  await page.getByRole("heading", { level: 1, name: SENTENCE }).waitFor();
  const headings = await page.evaluate(() => globalThis.headings);
  assert.equal(headings.length, 1, headings.join(" | "));
  await context.close();
});

test("a collector that is slow to answer does not hold back the view", async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.route(`**${SUMMARY}`, () => {});
  await page.goto(`${collector.url}/`);
  await page.getByRole("heading", { level: 1, name: "How much of port 25" }).waitFor();
  await page.getByRole("link", { name: "Hansefibre B.V." }).first().waitFor();
  await context.close();
});

test("your own network is told by one answer", async () => {
  const { page, asked, close } = await open("/");
  await page.locator(".yours .ports li").nth(2).waitFor();
  assert.ok(!asked.some((path) => path.startsWith("/v1/networks")), asked.join(" "));
  await close();
});

test("no other answer is asked for before it", async () => {
  const { asked, close } = await open("/");
  assert.equal(asked.find((path) => path.startsWith("/v1/")), SUMMARY);
  await close();
});

test("nobody asks for it where another is wanted", async () => {
  const { asked, close } = await open("/?port=587&family=4");
  assert.ok(!asked.includes(SUMMARY), asked.join(" "));
  assert.ok(asked.includes("/v1/summary?port=587&family=4"), asked.join(" "));
  await close();
});

test("it takes few layouts and few elements", async () => {
  const { page, metric, close } = await open("/");
  const layouts = metric("LayoutCount");
  assert.ok(layouts <= MOST_LAYOUTS, `${layouts} layouts`);
  const elements = await page.locator("*").count();
  assert.ok(elements < MOST_ELEMENTS, `${elements} elements`);
  await close();
});
