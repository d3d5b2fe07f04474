// SPDX-License-Identifier: Apache-2.0
// A table of 15,500 rows, and what scrolling it costs by the browser's own
// counters of script, layout and style, which a busy machine does not blur.

export const ROWS = 15500;
const ROW_PX = 40;
const STATES = ["filtered", "open", "partial", "insufficient"];

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

// The list of them, in a context of its own.
export async function openTable(browser, url) {
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
  await page.goto(`${url}/networks`);
  await page.locator("tbody tr[data-row]").first().waitFor();
  await page.locator(".mini").first().waitFor();
  return { page, context };
}

// In the page: how many elements come and go.
function countChanges() {
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
}

const scrollAFrame = (px) =>
  new Promise((done) => {
    scrollBy(0, px);
    requestAnimationFrame(() => requestAnimationFrame(done));
  });

// A function that says what the page's thread has spent so far on script, layout
// and style: { ms, layouts }.
export async function spentBy({ page, context }) {
  const cdp = await context.newCDPSession(page);
  await cdp.send("Performance.enable", { timeDomain: "threadTicks" });
  return async () => {
    const { metrics } = await cdp.send("Performance.getMetrics");
    const of = (name) => metrics.find((one) => one.name === name).value;
    return {
      ms: (of("ScriptDuration") + of("LayoutDuration") + of("RecalcStyleDuration")) * 1000,
      layouts: of("LayoutCount"),
    };
  };
}

// Of `frames` steps of `rows` rows each, a frame: { median, high } in ms (high: the
// 95th percentile), layouts, and elements that come or go.
export async function scrollCost({ page, context }, { frames, rows }) {
  const spent = await spentBy({ page, context });
  await page.evaluate(countChanges);
  const took = [], before = await spent();
  for (let i = 0; i < frames; i++) {
    const began = (await spent()).ms;
    await page.evaluate(scrollAFrame, rows * ROW_PX);
    took.push((await spent()).ms - began);
  }
  const layouts = (await spent()).layouts - before.layouts;
  const changed = await page.evaluate(() => globalThis.changed);
  took.sort((a, b) => a - b);
  const at = (share) => took[Math.floor(share * frames)];
  return { median: at(0.5), high: at(0.95), layouts: layouts / frames, changed: changed / frames };
}
