// SPDX-License-Identifier: Apache-2.0
// The views of the made-up fleet, as ./dev up --demo shows them: each state and
// mechanism, names that are long, missing or of another script.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { findings } from "./axe.mjs";
import { startDemo } from "./collector.mjs";
import { complaintsOf } from "./complaints.mjs";
import { browser, collector, useCollector } from "./stage.mjs";

useCollector(() => startDemo());

async function open(path, options) {
  const context = await browser.newContext({ bypassCSP: true, ...options });
  const page = await context.newPage();
  const complaints = complaintsOf(page, collector.url);
  await page.goto(`${collector.url}${path}`);
  await page.waitForSelector("main h1");
  await page.waitForFunction(
    () => !document.querySelector("main [aria-busy=true]"),
  );
  return { page, complaints, close: () => context.close() };
}

async function newestReport(asn) {
  const path = `/v1/measurements?asn=${asn}&port=25&family=4&limit=1`;
  const { items } = await (await fetch(`${collector.url}${path}`)).json();
  return items[0].id.split(":")[0];
}

// Networks by hand in tests/demo/demo_world.c.
const OPENS = 4200000007;
const NETWORKS = [
  ["a network that filters", 4200000000, /^Port 25 is filtered in Hansefibre B\.V\.$/],
  ["a long name, filtered in parts", 4200000001, /^Port 25 is filtered in parts of Intermunicipal/],
  ["a name of another script", 4200000002, /^Port 25 is intercepted in .*<b>&/],
  ["no name", 4200000003, /^Port 25 is filtered in AS4200000003\.$/],
  ["a network that strips STARTTLS", 4200000006, /^Port 25 is intercepted in Plainkabel AB\.$/],
  ["a network that is open", OPENS, /^Port 25 gets out of Openlink Ltd\.$/],
  ["a network with one line", 4200000008, /^We cannot say yet whether Fewlines lets port 25 out\.$/],
  ["a network that resets", 4200000009, /^Port 25 is filtered in Resetmobil\.$/],
  ["a network that contradicts itself", 4200000004, /^Port 25 gives contradictory results in Unsteadynet\.$/],
  ["a link that drops", 4200000010, /^Port 25 is filtered in Switchcloud\.$/],
  ["replies that are lost", 4200000011, /^Port 25 is filtered in Oneway Telecom\.$/],
  ["a place unknown", 4200000012, /^Port 25 is filtered in Traceless\.$/],
  ["a limit", 4200000013, /^We cannot say yet whether Tricklenet lets port 25 out\.$/],
  ["connections that are cut", 4200000014, /^We cannot say yet whether Cutline /],
  ["another key", 4200000016, /^Port 25 is intercepted in Keyswap Hotels\.$/],
  ["a filter beyond the network", 4200000018, /^Port 25 is filtered beyond Throughnet\.$/],
  ["lines with faults of their own", 4200000017, /^Port 25 gets out of Oddlines\.$/],
];

const VIEWS = [
  ["overview", "/", /^\d+ % of the \d+ networks/],
  ["my network", "/my-network", /^It is probably your network/],
  ["networks", "/networks", /^Networks$/],
  ["days", "/networks?view=days", /^Networks$/],
  ["countries", "/countries", /^Countries/],
  ["country", "/country/NL", /^Netherlands: \d+ of \d+ known networks/],
  ["changes", "/changes", /^Changes$/],
  ["data", "/data?asn=4200000000", /^Data$/],
  ["about", "/about?as=4200000000", /./],
  ...NETWORKS.map(([name, asn, title]) => [name, `/as/${asn}`, title]),
];

const WINDOWS = [
  ["light", 1440],
  ["dark", 320],
];

async function isFine(page, complaints) {
  assert.deepEqual(complaints, []);
  const over = await page.evaluate(
    () => document.documentElement.scrollWidth - innerWidth,
  );
  assert.ok(over <= 0, `${over} px too wide`);
  await page.getByText("Simulated data.").waitFor();
  assert.equal(await page.getByRole("alert").count(), 0);
  assert.deepEqual(await findings(page), []);
}

for (const [name, path, title] of VIEWS)
  for (const [colorScheme, width] of WINDOWS)
    test(`${name}: as it should be, ${colorScheme}, ${width} px`, async () => {
      const { page, complaints, close } = await open(path, {
        colorScheme,
        viewport: { width, height: 900 },
      });
      const said = await page.locator("h1").innerText();
      assert.match(said.replace(/\s+/g, " ").trim(), title);
      await isFine(page, complaints);
      await close();
    });

for (const [name, asn] of NETWORKS)
  test(`a measurement in ${name} draws a lane a port`, async () => {
    const { page, complaints, close } = await open(
      `/m/${await newestReport(asn)}`,
      { viewport: { width: 1440, height: 900 } },
    );
    const picture = page.getByRole("img", { name: "How far each port gets" });
    const words = await picture.locator("desc").textContent();
    for (const port of [25, 587, 465, 443])
      assert.match(words, new RegExp(`\\b${port}\\b`));
    await isFine(page, complaints);
    await close();
  });

test("of a part that two vantage points speak for, its state is said", async () => {
  const { page, close } = await open("/as/4200000001?family=4");
  const parts = page.locator(".verdict ul li");
  await parts.first().waitFor();
  const said = await parts.allInnerTexts();
  assert.ok(said.some((one) => /\/24\s+filtered\s+2 vantage points/.test(one)), said.join());
  assert.ok(said.some((one) => /\/24\s+open\s+2 vantage points/.test(one)), said.join());
  await close();
});

test("who is stopped behind the same AS is listed", async () => {
  const { page, close } = await open("/as/4200000018?family=4");
  const section = page.locator("section", { hasText: /Stopped behind AS\d+/ });
  const link = section.locator("li a").last();
  await link.waitFor();
  assert.equal(await link.getAttribute("href"), "/as/4200000018?family=4");
  assert.equal(await link.innerText(), "Throughnet");
  await close();
});

test("each kind of what is said beside a verdict is there once", async () => {
  const headings = [];
  for (const asn of [4200000000, 4200000006]) {
    const { page, close } = await open(`/as/${asn}`);
    await page.locator(".said-of").first().waitFor();
    headings.push(...(await page.locator(".said-of h2").allInnerTexts()));
    await close();
  }
  const date = "\\d{1,2} \\w{3} 20\\d\\d";
  const wanted = [
    `The operator says ?noc@hansefibre\\.example, ${date}`,
    `The operator objects ?postmaster@plainkabel\\.example, ${date}`,
    `This collector’s operator remarks ?Example Operators, ${date}`,
  ];
  assert.equal(headings.length, wanted.length, headings.join());
  headings.forEach((one, i) =>
    assert.match(one.replace(/\s+/g, " "), new RegExp(`^${wanted[i]}$`)),
  );
});

test("a day's files are offered, and are what their sums say", async () => {
  const { page, close } = await open("/data");
  const row = page.locator(".files tbody tr").first();
  await row.waitFor();
  const sums = await (
    await fetch(`${collector.url}${await row.getByText("SHA256SUMS").getAttribute("href")}`)
  ).text();
  const link = row.getByText("networks.parquet");
  const file = await fetch(`${collector.url}${await link.getAttribute("href")}`);
  const sum = createHash("sha256")
    .update(Buffer.from(await file.arrayBuffer()))
    .digest("hex");
  assert.ok(sums.includes(`${sum}  networks.parquet`), sums);
  assert.ok(
    (await page.getByRole("region", { name: "A question by DuckDB" }).innerText())
      .includes(await link.getAttribute("href")),
  );
  await close();
});

test("since when it is filtered is what the change says", async () => {
  const { page, close } = await open("/as/4200000000?family=4");
  const { items } = await (
    await fetch(`${collector.url}/v1/events?asn=4200000000&family=4&port=25`)
  ).json();
  assert.equal(items[0].to, "filtered");
  const day = new Date(items[0].at).getUTCDate();
  const since = page.locator(".facts div", { hasText: "Since" });
  await page.waitForFunction(() => document.querySelector(".changes li"));
  assert.match(await since.innerText(), new RegExp(`\\b${day} \\w+ \\d{4}$`));
  await close();
});
