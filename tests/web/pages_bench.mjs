// SPDX-License-Identifier: Apache-2.0
// When the overview says its first sentence: ./dev bench pages.
import { loadavg } from "node:os";
import { launch } from "./browser.mjs";
import { startDemo } from "./collector.mjs";

const LOADS = Number(process.argv[2] ?? 20);
const BAR_MS = 300;

// In the page: the time since it was asked for, when the sentence is there.
function watch() {
  const look = () => {
    const said = document.querySelector("main h1")?.textContent ?? "";
    if (globalThis.said || !/networks we know well enough/.test(said)) return;
    globalThis.said = performance.now();
  };
  new MutationObserver(look).observe(document, {
    childList: true,
    subtree: true,
    characterData: true,
  });
}

async function firstSentence(browser, url) {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.addInitScript(watch);
  await page.goto(`${url}/`);
  await page.waitForFunction(() => globalThis.said);
  const ms = await page.evaluate(() => globalThis.said);
  await context.close();
  return ms;
}

const collector = await startDemo(200);
const browser = await launch();
try {
  await firstSentence(browser, collector.url); // the browser's own beginning
  const seen = [];
  for (let i = 0; i < LOADS; i++)
    seen.push(await firstSentence(browser, collector.url));
  seen.sort((a, b) => a - b);
  const at = (share) => seen[Math.floor(share * (LOADS - 1))].toFixed(0);
  console.log(
    `first sentence of /, ${LOADS} loads without a cache: median ${at(0.5)} ms, ` +
      `95th percentile ${at(0.95)} ms, longest ${at(1)} ms (bar ${BAR_MS}); ` +
      `load ${loadavg()[0].toFixed(1)}`,
  );
} finally {
  await browser.close();
  await collector.stop();
}
