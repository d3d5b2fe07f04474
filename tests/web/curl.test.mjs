// SPDX-License-Identifier: Apache-2.0
// Beside every picture stands the address that it was drawn from, as a command:
// one that the page did ask, and that a shell hands on as it is.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { startCollector } from "./collector.mjs";
import { complaintsOf } from "./complaints.mjs";
import { reportOf, rows } from "./fixture.mjs";
import { focused, settled, tabTo } from "./keys.mjs";
import { browser, collector, useCollector } from "./stage.mjs";

const PATIENCE_MS = 60000; // of a busy machine; whatever is waited for ends it
const REPORT = reportOf("a000000000000001");

useCollector(() => startCollector(rows(Date.now())));

// `asked` gathers the addresses that the page asks, from the root on.
async function open(path, width = 320) {
  const context = await browser.newContext({ viewport: { width, height: 740 } });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  const complaints = complaintsOf(page, collector.url);
  const asked = new Set();
  page.on("request", (request) => asked.add(request.url().slice(collector.url.length)));
  await page.goto(`${collector.url}${path}`);
  await settled(page);
  return { page, complaints, asked, close: () => context.close() };
}

const texts = (page) => page.locator(".curl pre").allTextContents();

// The addresses that curl would get of a shell, from the root on.
function addressesOf(text) {
  const shell = `curl() { printf '%s\\n' "$#" "$@"; }\n${text}`;
  const said = execFileSync("sh", ["-c", shell], { encoding: "utf8" }).trim().split("\n");
  return said.flatMap((word, i) => {
    if (i % 2 === 0) return assert.equal(word, "1", text) ?? [];
    assert.ok(word.startsWith(`${collector.url}/`), text);
    return [word.slice(collector.url.length)];
  });
}

// What a filter of the list leaves is chosen in the page, and is asked as a file.
const isChosen = (address) => address.endsWith("&format=jsonl");

const DAYS = /^\/v1\/history\?keys=[\d.,]+&days=60$/;
const ALL = "/v1/networks?group=family&format=columns";
const DATE = "\\d{4}-\\d\\d-\\d\\d";

// What each view shows, in the order of the page.
const SHOWN = [
  ["/", ["/v1/whoami", "/v1/summary?port=25&family=4", "/v1/countries?port=25&family=4", "/v1/events?limit=6", "/v1/summary?port=25&family=4"]],
  ["/?port=587&family=4", ["/v1/whoami", "/v1/summary?port=587&family=4", "/v1/countries?port=587&family=4", "/v1/events?limit=6", "/v1/summary?port=587&family=4"]],
  ["/my-network", ["/v1/whoami"]],
  ["/my-network?as=64500", ["/v1/networks/64500"]],
  ["/networks", [ALL, DAYS]],
  ["/networks?view=days", [ALL, DAYS]],
  ["/networks?country=FR&port=587", [ALL, "/v1/networks?country=FR&format=jsonl", DAYS]],
  ["/networks?q=Example%2064500&state=filtered", [ALL, "/v1/networks?q=Example+64500&state=filtered&port=25&format=jsonl", DAYS]],
  ["/as/64500", ["/v1/networks/64500", /^\/v1\/reports\/[0-9a-f-]{36}$/, new RegExp(`^/v1/networks/64500/history\\?since=${DATE}&until=${DATE}$`), "/v1/events?asn=64500&limit=50", "/v1/networks/64500", "/v1/measurements?asn=64500&port=25&family=4&limit=48"]],
  ["/countries?port=465&family=4", ["/v1/countries?port=465&family=4"]],
  ["/country/DE", ["/v1/countries/DE?port=25&family=4", "/v1/countries/DE/history?port=25&family=4&days=90", ALL, "/v1/networks?family=4&country=DE&format=jsonl", DAYS, "/v1/events?port=25&family=4&country=DE&limit=12"]],
  ["/changes?port=25&to=filtered", [/^\/v1\/events\?port=25&to=filtered&limit=\d+$/]],
  [`/m/${REPORT}`, [`/v1/reports/${REPORT}`, `/v1/reports/${REPORT}`]],
  ["/data?asn=64500&axis_x=day", [new RegExp(`^/v1/aggregate\\?axis_x=day&asn=64500&since=${DATE}&until=${DATE}$`), new RegExp(`^/v1/measurements\\?asn=64500&since=${DATE}&until=${DATE}&limit=50$`), "/openapi.json"]],
  ["/about", ["/v1/about"]],
];

// These two have tables of fixed text.
const FIXED = /^\/(my-network|about)/;

// The pictures below a heading that has no address.
function without() {
  const left = [];
  let heading = null;
  let pictures = [];
  const end = () => {
    left.push(...pictures.map((it) => `${heading?.textContent}: ${it.outerHTML.slice(0, 80)}`));
    pictures = [];
  };
  let isSaid = false;
  const things = "h1, h2, .curl, table, svg[role=img]:not(.glyph), svg[role=group]";
  for (const it of document.querySelectorAll(`main :is(${things})`)) {
    if (it.matches(".curl")) {
      isSaid = true;
      pictures = [];
    } else if (/^H/.test(it.tagName)) {
      end();
      heading = it;
      isSaid = false;
    } else if (!isSaid) pictures.push(it);
  }
  end();
  return left;
}

for (const [path, shown] of SHOWN)
  test(`${path}: each address is one that it asked`, async () => {
    const { page, complaints, asked, close } = await open(path);
    // Histories come when scrolling rests.
    await page
      .waitForFunction((count) => {
        const all = [...document.querySelectorAll(".curl pre")];
        const text = all.map((it) => it.textContent).join("\n");
        return text.match(/^curl /gm)?.length === count;
      }, shown.length)
      .catch(() => {}); // what is there is said below
    const found = (await texts(page)).flatMap(addressesOf);
    assert.equal(found.length, shown.length, found.join("\n"));
    found.forEach((address, i) => {
      if (shown[i] instanceof RegExp) assert.match(address, shown[i]);
      else assert.equal(address, shown[i]);
    });
    for (const address of found)
      if (isChosen(address))
        assert.ok((await fetch(`${collector.url}${address}`)).ok, address);
      else assert.ok(asked.has(address), `${address} was not asked: ${[...asked].join(" ")}`);
    if (!FIXED.test(path)) assert.deepEqual(await page.evaluate(without), []);
    const names = await page.locator(".curl pre").evaluateAll((all) =>
      all.map((it) => it.getAttribute("aria-label")),
    );
    assert.equal(new Set(names).size, names.length, names.join(", "));
    assert.equal(await page.locator(".curl[open]").count(), 0);
    for (const summary of await page.locator(".curl summary").all())
      await summary.click();
    const over = await page.evaluate(
      () => document.documentElement.scrollWidth - innerWidth,
    );
    assert.ok(over <= 0, `${over} px too wide`);
    await page.emulateMedia({ media: "print" });
    assert.equal(await page.locator(".curl:visible").count(), 0);
    assert.deepEqual(complaints, []);
    await close();
  });

test("a filter that is changed changes the address", async () => {
  const { page, asked, close } = await open("/countries", 1440);
  await page.getByRole("button", { name: "587" }).click();
  await page.waitForFunction(() =>
    document.querySelector(".curl pre")?.textContent.includes("port=587"),
  );
  assert.deepEqual((await texts(page)).flatMap(addressesOf), ["/v1/countries?port=587&family=4"]);
  assert.ok(asked.has("/v1/countries?port=587&family=4"));
  await close();
});

test("a search that would be a command of the shell is none", async () => {
  const { page, close } = await open("/networks");
  const typed = "$(id) `id` '; id #";
  await page.fill(".filters input[type=search]", typed);
  await page.waitForFunction(() =>
    document.querySelector(".curl pre").textContent.includes("format=jsonl"),
  );
  const [text] = await texts(page);
  const left = addressesOf(text).find(isChosen);
  assert.equal(new URL(left, collector.url).searchParams.get("q"), typed);
  await close();
});

test("by keys: open it, and take it", async () => {
  const { page, close } = await open("/countries");
  await tabTo(page, /^curl\s+for the countries$/);
  await page.keyboard.press("Enter");
  await page.locator(".curl[open]").waitFor();
  await tabTo(page, /^curl for the countries$/); // its text
  await page.keyboard.press("Tab");
  assert.equal((await focused(page)).name, "Copy");
  // Without a clipboard the text is selected.
  await page.evaluate(() => {
    Object.defineProperty(navigator, "clipboard", { value: undefined });
  });
  await page.keyboard.press("Enter");
  await page.getByText("Selected: copy it with Ctrl+C").waitFor();
  const selected = await page.evaluate(() => getSelection().toString().trim());
  assert.deepEqual(addressesOf(selected), ["/v1/countries?port=25&family=4"]);
  await close();
});
