// SPDX-License-Identifier: Apache-2.0
// README's picture of the page, of the same rows as the tests':
//	EGRESS25_COLLECTOR=... node tests/web/picture.mjs doc/page.png
import { chromium } from "playwright-core";
import { startCollector } from "./collector.mjs";
import { rows } from "./fixture.mjs";

// The tests' names hold what must be escaped; a reader needs none of it.
const plain = rows(Date.now()).map((row) => ({
  ...row,
  network: row.network?.replace(/ <.*/, ""),
}));
const collector = await startCollector(plain);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
});
try {
  const page = await browser.newPage({
    viewport: { width: 1000, height: 640 },
  });
  await page.goto(`${collector.url}/`);
  await page.getByRole("table").waitFor();
  await page.screenshot({ path: process.argv[2] ?? "doc/page.png" });
} finally {
  await browser.close();
  await collector.stop();
}
