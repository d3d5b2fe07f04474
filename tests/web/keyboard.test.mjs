// SPDX-License-Identifier: Apache-2.0
// Every view by the keyboard alone, in a window of 320 px, with the network cut
// in the middle, of the made-up fleet.
import assert from "node:assert/strict";
import { test } from "node:test";
import { startDemo } from "./collector.mjs";
import { atHeading, fits, focused, isHeld, isWhole, settled, tabTo, walk, walkAll, work } from "./keys.mjs";
import { browser, collector, useCollector } from "./stage.mjs";

const PATIENCE_MS = 60000; // of a busy machine; whatever is waited for ends it

let report;

useCollector(async () => {
  const demo = await startDemo();
  const path = "/v1/measurements?asn=4200000000&port=25&family=4&limit=1";
  const { items } = await (await fetch(`${demo.url}${path}`)).json();
  report = items[0].id.split(":")[0];
  return demo;
});

const VIEWS = [
  ["overview", "/"],
  ["my network", "/my-network"],
  ["networks", "/networks"],
  ["days", "/networks?view=days"],
  ["network", "/as/4200000000"],
  ["a network in parts", "/as/4200000001"],
  ["countries", "/countries"],
  ["country", "/country/NL"],
  ["changes", "/changes"],
  ["measurement", "/m/"],
  ["data", "/data?asn=4200000000"],
  ["counts", "/data?axis_x=day&axis_y=outcome"],
  ["about", "/about?as=4200000000"],
];

async function open(name, path, prepare) {
  const context = await browser.newContext({ viewport: { width: 320, height: 640 } });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  await prepare?.(page);
  await page.goto(`${collector.url}${path}${name === "measurement" ? report : ""}`);
  await settled(page);
  const origin = await page.evaluate(() => performance.timeOrigin);
  return {
    page,
    context,
    isSamePage: async () =>
      assert.equal(await page.evaluate(() => performance.timeOrigin), origin, "it was loaded anew"),
    close: () => context.close(),
  };
}

// What failed says so, says what to do, and has a key to do it with.
async function saysWhatToDo(page) {
  const alert = page.getByRole("alert").first();
  await alert.waitFor();
  assert.match(await alert.innerText(), /could not be loaded\. The collector does not answer\./);
  assert.match(await alert.innerText(), /by itself/);
  await alert.getByRole("button", { name: /^(Try again|Trying…)$/ }).waitFor();
}

// The key is there, and trying while nothing answers keeps it.
async function triesInVain(page) {
  await saysWhatToDo(page);
  await fits(page);
  await tabTo(page, /^Try again$/);
  await page.keyboard.press("Enter");
  await saysWhatToDo(page);
  assert.match((await isHeld(page, "Try again")).name, /^(Try again|Trying…)$/);
}

for (const [name, path] of VIEWS)
  test(`${name}: every stop is reached and seen, and no key loses the focus`, async () => {
    const { page, context, isSamePage, close } = await open(name, path);
    const stops = await walkAll(page);
    assert.ok(stops > 12, `${stops} stops`);
    const worked = new Set(); // once each, whatever it counts
    await walk(page, async (at, i) => {
      if (i === Math.floor(stops / 2)) await context.setOffline(true);
      const key = `${at.tag} ${at.name.replace(/\d+/g, "")}`;
      if (!worked.has(key)) await work(page, at);
      worked.add(key);
    });
    assert.ok(worked.size > 10, [...worked].join(" | "));
    await fits(page);
    // Elsewhere, where nothing is known yet, and back.
    const [link, other] = name === "changes" ? [/^Countries$/, "/countries"] : [/^Changes$/, "/changes"];
    await tabTo(page, link);
    await page.keyboard.press("Enter");
    await page.waitForURL(`**${other}`);
    await atHeading(page);
    await triesInVain(page);
    // The button that has the focus goes away by itself.
    await context.setOffline(false);
    await isWhole(page);
    await page.waitForFunction(() => document.activeElement !== document.body);
    await page.goBack();
    await settled(page);
    await page.waitForFunction(() => document.activeElement !== document.body);
    await isWhole(page);
    await isHeld(page, "Back");
    assert.equal(await page.locator("h1").count(), 1);
    await fits(page);
    await isSamePage();
    await close();
  });

for (const [name, path] of VIEWS)
  test(`${name}: where nothing answers, keys alone bring it back`, async () => {
    const cut = (page) => page.route(/\/v1\/|\/data\/|\.json$/, (route) => route.abort());
    const { page, isSamePage, close } = await open(name, path, cut);
    await triesInVain(page);
    await page.unroute(/\/v1\/|\/data\/|\.json$/);
    await page.keyboard.press("Enter");
    await isWhole(page);
    await page.waitForFunction(() => document.activeElement !== document.body);
    assert.ok(
      await page.evaluate(() => document.querySelector("main").contains(document.activeElement)),
      (await focused(page))?.html,
    );
    await fits(page);
    await isSamePage();
    await close();
  });

test("a key that is pressed while a try is out holds for the next one", async () => {
  const asked = /\/v1\/|\/data\/|\.json$/;
  const [name, path] = VIEWS.find(([name]) => name === "network");
  const { page, isSamePage, close } = await open(name, path, (page) =>
    page.route(asked, (route) => route.abort()),
  );
  await triesInVain(page);
  await page.getByRole("button", { name: /^Trying…$/ }).waitFor({ state: "detached" });
  await page.unroute(asked);
  let held = [];
  await page.route(asked, (route) => (held ? held.push(route) : route.continue()));
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: /^Trying…$/ }).waitFor();
  await page.keyboard.press("Enter");
  page.setDefaultTimeout(45000); // sooner than the page asks by itself
  const out = held;
  held = null;
  await Promise.all(out.map((route) => route.abort()));
  await isWhole(page);
  await isSamePage();
  await close();
});
