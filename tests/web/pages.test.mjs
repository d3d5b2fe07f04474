// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";
import { startCollector } from "./collector.mjs";
import { rows } from "./fixture.mjs";

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

let collector;
let browser;

before(async () => {
  collector = await startCollector(rows(Date.now()));
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: FLAGS,
  });
});

after(async () => {
  await browser?.close();
  await collector?.stop();
});

// Open a page; `complaints` gathers whatever the browser objects to, and the
// requests that went anywhere but the collector.
async function open(path) {
  const page = await browser.newPage();
  const complaints = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning")
      complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("requestfailed", (request) => complaints.push(request.url()));
  page.on("request", (request) => {
    if (!request.url().startsWith(`${collector.url}/`))
      complaints.push(`a request to ${request.url()}`);
  });
  const response = await page.goto(`${collector.url}${path}`);
  return { page, complaints, response };
}

test("the policy allows nothing but the collector's own files", async () => {
  const { page, response } = await open("/");
  const policy = response.headers()["content-security-policy"];
  for (const part of [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
  ])
    assert.ok(policy.includes(part), policy);
  assert.ok(!policy.includes("unsafe"), policy);
  await page.close();
});

test("a network that drops port 25 is shown as filtered, first", async () => {
  const { page, complaints } = await open("/");
  await page.waitForSelector("tbody tr");
  const first = page.locator("tbody tr").first();
  assert.match(await first.locator("th").innerText(), /AS64500 Example 64500/);
  const cells = first.locator("td");
  assert.match(await cells.nth(1).innerText(), /filtered\s+dropped/);
  assert.match(await cells.nth(2).innerText(), /open/);
  assert.match(await cells.nth(3).innerText(), /open/);
  assert.equal(await cells.nth(4).innerText(), "3");
  assert.equal(await cells.nth(5).innerText(), "1 hour ago");
  assert.deepEqual(complaints, []);
  await page.close();
});

test("one vantage point alone is shown as insufficient", async () => {
  const { page, complaints } = await open("/?text=AS64502");
  await page.waitForSelector("tbody tr");
  assert.equal(await page.locator("tbody tr").count(), 1);
  assert.match(
    await page.locator("tbody td").nth(1).innerText(),
    /insufficient/,
  );
  assert.deepEqual(complaints, []);
  await page.close();
});

test("a network's name is text, never markup", async () => {
  const { page } = await open("/");
  await page.waitForSelector("tbody tr");
  assert.equal(await page.locator("tbody b").count(), 0);
  assert.match(await page.locator("tbody th").first().innerText(), /<b>&/);
  await page.close();
});

test("the filter narrows the table and is kept in the address", async () => {
  const { page, complaints } = await open("/");
  await page.waitForSelector("tbody tr");
  await page.fill("input[name=text]", "fr");
  await page.waitForFunction(
    () => document.querySelectorAll("tbody tr").length === 1,
  );
  assert.match(page.url(), /\?text=fr$/);
  await page.selectOption("select[name=state]", "filtered");
  await page.getByText("No network matches.").waitFor();
  assert.deepEqual(complaints, []);
  await page.close();
});

test("a cell opens to its evidence", async () => {
  const { page, complaints } = await open("/");
  await page.waitForSelector("tbody tr");
  await page.locator("tbody summary").first().click();
  await page.getByText("filtered/drop 9").first().waitFor();
  assert.deepEqual(complaints, []);
  await page.close();
});

test("a collector that goes away is said in a sentence", async () => {
  const { page } = await open("/");
  await page.waitForSelector("tbody tr");
  await page.route("**/v1/**", (route) => route.abort());
  await page.getByRole("alert").waitFor({ timeout: 20000 });
  assert.equal(
    await page.getByRole("alert").innerText(),
    "The collector does not answer.",
  );
  await page.close();
});

test("the page fits a phone's width", async () => {
  const { page } = await open("/");
  await page.setViewportSize({ width: 360, height: 740 });
  await page.waitForSelector("tbody tr");
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - window.innerWidth,
  );
  assert.ok(overflow <= 0, `${overflow} px too wide`);
  await page.close();
});
