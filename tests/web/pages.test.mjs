// SPDX-License-Identifier: Apache-2.0
// The views in a real browser, of a real collector with a fixture's rows.
import assert from "node:assert/strict";
import { test } from "node:test";
import { startCollector } from "./collector.mjs";
import { complaintsOf } from "./complaints.mjs";
import { rows } from "./fixture.mjs";
import { browser, collector, useCollector } from "./stage.mjs";
import { VIEWS } from "./views.mjs";

// Whoever writes to the collector's operator may write anything.
const HOSTILE = "<img src=x onerror=alert(1)> ]]> {{7*7}} \"' &amp; javascript:0";
const SAID = [
  { asn: 64500, kind: "reply", by: "noc@example.net", text: "Closed on consumer lines by default." },
  { asn: 64500, kind: "objection", by: "<b>noc</b>", text: HOSTILE },
  { asn: 64500, kind: "remark", text: `We asked them. ${"x".repeat(200)}` },
];

useCollector(() => startCollector(rows(Date.now()), SAID));

// Open a page; `complaints` gathers whatever the browser objects to.
async function open(path, options = {}, refused = []) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const complaints = complaintsOf(page, collector.url, refused);
  const response = await page.goto(`${collector.url}${path}`);
  return { page, complaints, response, close: () => context.close() };
}

async function settled(page) {
  await page.waitForSelector("main h1");
  await page.waitForFunction(
    () => !document.querySelector("main [aria-busy=true]"),
  );
}

test("the policy allows nothing but the collector's own files", async () => {
  const { response, close } = await open("/");
  const policy = response.headers()["content-security-policy"];
  for (const part of [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
  ])
    assert.ok(policy.includes(part), policy);
  assert.ok(!policy.includes("unsafe"), policy);
  await close();
});

for (const [name, path] of VIEWS)
  test(`${name} answers, has one heading and its title`, async () => {
    const { page, complaints, response, close } = await open(
      path,
      {},
      name === "nowhere" ? [path] : [],
    );
    await settled(page);
    assert.equal(response.status(), name === "nowhere" ? 404 : 200);
    const headings = await page.locator("h1").allInnerTexts();
    assert.equal(headings.length, 1);
    await page.waitForFunction(() => document.title.endsWith(" · egress25"));
    assert.deepEqual(complaints, []);
    await close();
  });

for (const [name, path] of VIEWS)
  for (const width of [320, 360, 720, 1024, 1440, 1920])
    test(`${name} fits a window of ${width} px`, async () => {
      const { page, close } = await open(path, {
        viewport: { width, height: 740 },
      });
      await settled(page);
      const over = await page.evaluate(
        () => document.documentElement.scrollWidth - window.innerWidth,
      );
      assert.ok(over <= 0, `${over} px too wide`);
      await close();
    });

test("a network that drops port 25 is shown as filtered, first", async () => {
  const { page, close } = await open("/networks");
  const first = page.locator("tbody tr").first();
  await first.waitFor();
  assert.match(await first.locator("th").innerText(), /Example 64500/);
  assert.match(await first.locator("th").innerText(), /AS64500 · DE · IPv4/);
  const cells = first.locator("td");
  assert.match(await cells.nth(0).innerText(), /filtered\s+silently dropped/);
  assert.match(await cells.nth(1).innerText(), /open/);
  assert.match(await cells.nth(4).innerText(), /fair\s+3 points in 3 prefixes/);
  await close();
});

test("one vantage point alone is insufficient, and shows no share", async () => {
  const { page, close } = await open("/networks?q=AS64502");
  const row = page.locator("tbody tr");
  await row.first().waitFor();
  assert.equal(await row.count(), 1);
  assert.match(await row.locator("td").nth(0).innerText(), /insufficient/);
  assert.equal(await row.locator("td").nth(3).innerText(), "not known");
  await close();
});

test("a network's name is text, never markup", async () => {
  for (const path of ["/networks", "/as/64500"]) {
    const { page, close } = await open(path);
    await page.getByText("<b>&").first().waitFor();
    assert.equal(await page.locator("th b, h1 b").count(), 0);
    await close();
  }
});

test("who says what beside a verdict is told apart, and is text", async () => {
  for (const width of [320, 1440]) {
    const { page, complaints, close } = await open("/as/64500", {
      viewport: { width, height: 740 },
    });
    const said = page.locator(".said-of");
    await said.first().waitFor();
    const [objection, reply, remark] = await said.allInnerTexts();
    const today = /\b\d{1,2} [A-Z][a-z]{2} 20\d\d\b/;
    assert.match(objection, /^The operator objects\s*<b>noc<\/b>, /);
    assert.match(objection, today);
    assert.ok(objection.includes(HOSTILE), objection);
    assert.match(reply, /^The operator says\s*noc@example\.net, /);
    assert.match(reply, today);
    assert.match(remark, /^This collector’s operator remarks/);
    assert.match(remark, today);
    const frames = await said.evaluateAll((all) =>
      all.map((it) => getComputedStyle(it).borderWidth),
    );
    assert.equal(new Set(frames).size, 3, frames.join());
    const sizes = await page.locator(".said-of p, .verdict > p").evaluateAll((all) =>
      all.filter((it) => it.matches(".said-of p")).map((it) => getComputedStyle(it).fontSize),
    );
    assert.deepEqual(new Set(sizes), new Set(["15px"]));
    assert.equal(await page.locator(".said-of img, .said-of b").count(), 0);
    const over = await page.evaluate(
      () => document.documentElement.scrollWidth - innerWidth,
    );
    assert.ok(over <= 0, `${over} px too wide`);
    assert.deepEqual(complaints, []);
    await close();
  }
});

test("how to object says what is done by hand, and with what", async () => {
  const { page, close } = await open("/about?as=64500#object");
  const text = (await page.locator("#object").innerText()).replace(/\s+/g, " ");
  assert.match(text, /checks that you speak for the network/);
  assert.match(text, /egress25-collector annotate --kind objection --by YOU 64500 TEXT/);
  assert.match(text, /No account is needed/);
  await close();
});

test("on a phone the list keeps names and three marks", async () => {
  const { page, close } = await open("/networks", {
    viewport: { width: 360, height: 740 },
  });
  const row = page.locator("tbody tr").first();
  await row.waitFor();
  assert.ok((await row.locator("th").boundingBox()).width > 150);
  const badges = row.locator("td:visible .badge");
  const seen = await badges.evaluateAll((all) =>
    all.map((it) => ({
      word: it.querySelector(".word").firstChild.data,
      glyph: Math.round(it.querySelector(".glyph").getBoundingClientRect().width),
      room: Math.round(it.querySelector(".word").getBoundingClientRect().width),
    })),
  );
  assert.deepEqual(
    seen,
    ["filtered", "open", "open"].map((word) => ({ word, glyph: 18, room: 1 })),
  );
  await close();
});

// The badge in the table, the word on the page and the value of the API.
test("every network's word is the same in table, page and API", async () => {
  const { items } = await (await fetch(`${collector.url}/v1/networks`)).json();
  const { page, close } = await open("/networks");
  await page.locator("tbody tr").first().waitFor();
  for (const { asn, port, state } of items.filter((one) => one.port === 25)) {
    await page.goto(`${collector.url}/networks?q=AS${asn}`);
    const cell = page.locator("tbody td .badge").first();
    await cell.waitFor();
    assert.equal(await cell.getAttribute("data-state"), state);
    assert.match(await cell.innerText(), new RegExp(`^${state}`));
    await page.goto(`${collector.url}/as/${asn}`);
    const row = page.locator("tr", { has: page.locator(`th:text-is("${port}")`) });
    assert.match(await row.first().locator("td").first().innerText(), new RegExp(`^${state}`));
    assert.ok(await page.locator(`.verdict.v-${state}`).count());
  }
  await close();
});

test("filters narrow the table, are in the address, and come back from it", async () => {
  const { page, complaints, close } = await open("/networks");
  await page.locator("tbody tr").first().waitFor();
  await page.fill(".filters input[type=search]", "fr");
  await page.waitForFunction(
    () => document.querySelectorAll("tbody tr").length === 1,
  );
  assert.match(page.url(), /\?q=fr$/);
  await page.getByRole("button", { name: /^filtered/ }).click();
  await page.getByText("No network matches.").waitFor();
  assert.match(page.url(), /\?q=fr&state=filtered$/);
  await page.reload();
  await page.getByText("No network matches.").waitFor();
  assert.equal(await page.inputValue(".filters input[type=search]"), "fr");
  await page.getByRole("button", { name: "Clear all filters" }).click();
  await page.waitForFunction(
    () => document.querySelectorAll("tbody tr").length === 3,
  );
  assert.deepEqual(complaints, []);
  await close();
});

test("an AS that nobody measured says so, and accuses nobody", async () => {
  const { page, close } = await open("/as/64999");
  await page.getByText("AS64999: nobody has measured here.").waitFor();
  await page.getByText("That says nothing about its ports.").waitFor();
  await close();
});

test("the answer, the letter and the relay for who asks about his network", async () => {
  const { page, complaints, close } = await open("/my-network?as=64500");
  await page
    .getByRole("heading", {
      name: "It is probably your network: port 25 is filtered there.",
    })
    .waitFor();
  const letter = await page.getByRole("region", { name: "Letter" }).innerText();
  assert.match(letter, /Measurements from 3 lines in AS64500/);
  assert.match(letter, new RegExp(`${collector.url}/as/64500`));
  assert.match(
    await page.getByRole("region", { name: "Lines for Postfix" }).innerText(),
    /relay\.example\.net\]:587/,
  );
  assert.deepEqual(complaints, []);
  await close();
});

test("whose address is not in the database is told so", async () => {
  const { page, close } = await open("/my-network");
  await page.getByText("address not in the database").waitFor();
  await page.getByRole("heading", { name: "We cannot say yet." }).waitFor();
  await close();
});

// --- by keys alone ---

test("by keys: search, network, evidence, Back to the same row", async () => {
  const { page, complaints, close } = await open("/networks");
  await page.locator("tbody tr").first().waitFor();
  await page.locator("tbody a").first().focus();
  await page.keyboard.press("ArrowDown");
  const focused = () =>
    page.evaluate(() => document.activeElement.getAttribute("href"));
  const row = await focused();
  assert.match(row, /^\/as\/64501/);
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.activeElement.tagName === "H1");
  assert.match(page.url(), /\/as\/64501/);
  await page.goBack();
  await page.waitForFunction(
    (href) => document.activeElement.getAttribute("href") === href,
    row,
  );
  await page.keyboard.press("/");
  assert.equal(
    await page.evaluate(() => document.activeElement.type),
    "search",
  );
  await page.keyboard.type("64502");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.activeElement.tagName === "H1");
  assert.match(page.url(), /\/as\/64502$/);
  assert.deepEqual(complaints, []);
  await close();
});

test("the first key leads past the header, and shows where one is", async () => {
  const { page, close } = await open("/networks");
  await page.locator("tbody tr").first().waitFor();
  await page.keyboard.press("Tab");
  const link = page.locator(".skip").first();
  assert.equal(await link.evaluate((it) => it === document.activeElement), true);
  const box = await link.boundingBox();
  assert.ok(box.x >= 0, "the skip link is seen when it has the focus");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.activeElement.id === "main");
  await close();
});

test("a link to a part of the view goes there", async () => {
  const { page, close } = await open("/about");
  await settled(page);
  await page.getByRole("link", { name: "How to object" }).click();
  await page.waitForFunction(() => {
    const { top } = document.getElementById("object").getBoundingClientRect();
    return location.hash === "#object" && top >= 0 && top < innerHeight / 2;
  });
  await page.goto(`${collector.url}/as/64500`);
  await page.getByRole("link", { name: "I run this network" }).click();
  await page.getByText("Network: AS64500").waitFor();
  await page.waitForFunction(() => {
    const { top } = document.getElementById("object").getBoundingClientRect();
    return top >= 0 && top < innerHeight / 2;
  });
  await close();
});

test("all that a key reaches shows its focus", async () => {
  const { page, close } = await open("/as/64500");
  await settled(page);
  for (let i = 0; i < 40; i++) {
    await page.keyboard.press("Tab");
    const seen = await page.evaluate(() => {
      const at = document.activeElement;
      if (at === document.body) return "end";
      const style = getComputedStyle(at);
      return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2
        ? "ring"
        : at.outerHTML.slice(0, 80);
    });
    if (seen === "end") break;
    assert.equal(seen, "ring");
  }
  await close();
});

// --- what did not answer ---

const outages = [
  ["nobody answers", (route) => route.abort(), "The collector does not answer."],
  [
    "an error of the collector",
    (route) => route.fulfill({ status: 500, body: "oh" }),
    "The collector answered 500.",
  ],
  [
    "too many questions",
    (route) =>
      route.fulfill({
        status: 429,
        headers: { "retry-after": "3" },
        body: "{}",
      }),
    "Too many questions; again in 3 s.",
  ],
];

for (const [name, answer, sentence] of outages)
  for (const [view, path] of VIEWS.filter(([one]) => one !== "nowhere"))
    test(`${view} says it in a sentence: ${name}`, async () => {
      const context = await browser.newContext();
      const page = await context.newPage();
      await page.route("**/v1/**", answer);
      await page.goto(`${collector.url}${path}`);
      const alert = page.getByRole("alert").first();
      await alert.waitFor();
      assert.match(await alert.innerText(), new RegExp(sentence.replaceAll(".", "\\.")));
      assert.equal(await page.locator("h1").count(), 1);
      await context.close();
    });

test("after 429 the page asks again by itself, when it was told to", async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  let asked = 0;
  await page.route("**/v1/networks/64500", (route) =>
    asked++ === 0
      ? route.fulfill({ status: 429, headers: { "retry-after": "1" }, body: "{}" })
      : route.continue(),
  );
  await page.goto(`${collector.url}/as/64500`);
  await page.getByText("Too many questions; again in 1 s.").waitFor();
  await page.getByRole("heading", { name: "Port 25 is filtered" }).waitFor();
  await context.close();
});

test("with the network cut in the middle, what was shown stays", async () => {
  const { page, close } = await open("/networks");
  await page.locator("tbody tr").first().waitFor();
  await page.locator("tbody a").first().click();
  await page.getByRole("heading", { name: "Port 25 is filtered" }).waitFor();
  await page.route("**/v1/**", (route) => route.abort());
  await page.goBack();
  await page.getByRole("alert").first().waitFor();
  assert.equal(await page.locator("tbody tr").count(), 3);
  await page.unroute("**/v1/**");
  await page.getByRole("button", { name: "Try again" }).first().click();
  await page.getByRole("alert").first().waitFor({ state: "detached" });
  await close();
});
