// SPDX-License-Identifier: Apache-2.0
// Three readers and their questions, by the keyboard alone, in a window of
// 320 px, of a made-up fleet, with the network cut in the middle.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { startDemo } from "./collector.mjs";
import { browser, collector, useCollector } from "./stage.mjs";

const TABS = 80; // further than that nobody goes

useCollector(() => startDemo());

async function open(path) {
  const context = await browser.newContext({
    viewport: { width: 320, height: 640 },
    acceptDownloads: true,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(60000);
  await page.goto(`${collector.url}${path}`);
  await page.waitForSelector("main h1");
  await page.waitForFunction(
    () => !document.querySelector("main [aria-busy=true]"),
  );
  return { page, close: () => context.close() };
}

// Tab until what has the focus is called that; it has to be seen.
async function tabTo(page, name) {
  const passed = [];
  for (let i = 0; i < TABS; i++) {
    await page.keyboard.press("Tab");
    const at = await page.evaluate(() => {
      const it = document.activeElement;
      const box = it.getBoundingClientRect();
      return {
        name: (it.getAttribute("aria-label") ?? it.innerText ?? "").trim(),
        isSeen: box.top >= 0 && box.left >= 0 && box.right <= innerWidth &&
          box.top < innerHeight,
      };
    });
    passed.push(at.name);
    if (!name.test(at.name)) continue;
    assert.ok(at.isSeen, `${at.name} has the focus and is not seen`);
    return;
  }
  assert.fail(`no way to ${name}: ${passed.join(" | ")}`);
}

// What the API says of it: the pages have to say the same.
const ask = async (path) => (await fetch(`${collector.url}${path}`)).json();
const of25 = (networks, family) =>
  networks.find((one) => one.port === 25 && one.family === family);

const heading = (page, name) =>
  page.getByRole("heading", { level: 1, name }).waitFor();

// Where focus is after a change of view: the next Tab goes on from there.
const atHeading = (page) =>
  page.waitForFunction(() => document.activeElement.tagName === "H1");

const cut = (page) => page.route("**/v1/**", (route) => route.abort());

async function mend(page) {
  await page.unroute("**/v1/**");
  await tabTo(page, /^Try again$/);
  await page.keyboard.press("Enter");
  await page.getByRole("alert").first().waitFor({ state: "detached" });
}

const fits = async (page) =>
  assert.equal(
    await page.evaluate(
      () => document.documentElement.scrollWidth <= innerWidth,
    ),
    true,
    `${page.url()} scrolls sideways`,
  );

test("is it my network, and what do I do?", async () => {
  const { page, close } = await open("/");
  await cut(page);
  await tabTo(page, /^What you can do$/);
  await page.keyboard.press("Enter");
  // What was known a moment ago is still said, and that it is old.
  await heading(page, "It is probably your network: port 25 is filtered there.");
  await page.getByRole("alert").first().waitFor();
  await fits(page);
  await atHeading(page);
  await mend(page);
  await tabTo(page, /^Copy the lines$/);
  await tabTo(page, /^Copy the letter$/);
  await page.keyboard.press("Enter");
  await page.getByText(/^(Copied|Selected: copy it with Ctrl\+C)$/).waitFor();
  const letter = await page.getByRole("region", { name: "Letter" }).innerText();
  const { asn, networks } = await ask("/v1/whoami");
  const own = of25(networks, 4);
  assert.equal(own.state, "filtered");
  const [blocked, open4] = own.witnesses;
  assert.match(letter, new RegExp(`Measurements from ${blocked} lines in AS${asn}`));
  await page
    .getByText(`${blocked} of ${blocked + open4} vantage points in ${own.name} cannot get out`)
    .waitFor();
  const relay = networks.find(({ port }) => port === 587);
  assert.equal(relay.state, "open");
  await page.getByRole("heading", { name: "Today: a relay on 587" }).waitFor();
  assert.match(letter, /connections get no answer/);
  await close();
});

test("what does the world see of my AS, and how do I object?", async () => {
  const { page, close } = await open("/");
  await tabTo(page, /^AS number, name or country$/);
  await page.keyboard.type("AS4200000001");
  await page.keyboard.press("Enter");
  await heading(page, /^Port 25 is filtered in parts of Intermunicipal/);
  await atHeading(page);
  const { items } = await ask("/v1/networks/4200000001");
  const own = of25(items, 4);
  assert.equal(own.state, "partial");
  await page.getByText(`${own.vantage_points} in ${own.prefixes} prefixes`).waitFor();
  assert.ok(own.parts.length > 0);
  for (const { prefix, state, vantage_points: points } of own.parts) {
    const part = page.locator(".verdict li", { hasText: prefix });
    if (points > 1) assert.match(await part.innerText(), new RegExp(`${state}\\s+${points} `));
    else assert.equal(await part.count(), 0);
  }
  await page.waitForFunction(
    () => !document.querySelector("main [aria-busy=true]"),
  );
  await fits(page);
  await cut(page);
  await tabTo(page, /^I run this network$/);
  await page.keyboard.press("Enter");
  await page.getByText("Network: AS4200000001").waitFor();
  const { top } = await page.locator("#object").boundingBox();
  assert.ok(top === undefined || top < 320);
  assert.match(
    await page.locator("#object").innerText(),
    new RegExp((await ask("/v1/about")).contact.replaceAll(".", "\\.")),
    "where to write to is known without the network",
  );
  await fits(page);
  await close();
});

test("which networks of a country filter, how sure, and the data", async () => {
  const { page, close } = await open("/countries");
  await tabTo(page, /^Netherlands$/);
  await page.keyboard.press("Enter");
  const { states } = await ask("/v1/countries/NL?port=25&family=4");
  const hit = states.filtered + states.partial;
  const known = hit + states.intercepted + states.open;
  await heading(page, `Netherlands: ${hit} of ${known} known networks filter port 25.`);
  await page.locator("tbody tr[data-row]").first().waitFor();
  await fits(page);
  await atHeading(page);
  await tabTo(page, /^CSV$/);
  const coming = page.waitForEvent("download");
  await page.keyboard.press("Enter");
  const file = await coming;
  const [head, ...lines] = readFileSync(await file.path(), "utf8")
    .trim()
    .split("\r\n");
  const column = head.split(",").indexOf("country");
  assert.ok(column >= 0 && lines.length > 3, head);
  assert.ok(lines.every((line) => line.includes(",NL,")));
  const listed = await ask("/v1/networks?country=NL&family=4&limit=1000");
  assert.equal(lines.length, listed.items.length);
  const { level } = of25(listed.items.filter(({ asn }) => asn === 4200000000), 4);
  assert.equal(level, "strong");
  await cut(page);
  await tabTo(page, /^Hansefibre B\.V\.$/);
  await page.keyboard.press("Enter");
  await page.getByRole("alert").first().waitFor();
  await page.getByText("The collector does not answer.").first().waitFor();
  await atHeading(page);
  await mend(page);
  await heading(page, "Port 25 is filtered in Hansefibre B.V.");
  await page.getByText("strong", { exact: true }).first().waitFor();
  await page.getByText("78–100 %").first().waitFor();
  await fits(page);
  await close();
});
