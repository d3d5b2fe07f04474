// SPDX-License-Identifier: Apache-2.0
// Pictures of the views, of the same rows as the tests', for who changes one:
//	EGRESS25_COLLECTOR=... node tests/web/picture.mjs FOLDER [VIEW...]
// and README's picture of the page:
//	EGRESS25_COLLECTOR=... node tests/web/picture.mjs doc/page.png
// EGRESS25_URL takes a collector that runs already instead.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { launch } from "./browser.mjs";
import { startCollector } from "./collector.mjs";
import { rows } from "./fixture.mjs";
import { VIEWS } from "./views.mjs";

const [target = "doc/page.png", ...wanted] = process.argv.slice(2);

// The tests' names hold what must be escaped; a reader needs none of it.
const plain = rows(Date.now()).map((row) => ({
  ...row,
  network: row.network?.replace(/ <.*/, ""),
}));
const collector = process.env.EGRESS25_URL
  ? { url: process.env.EGRESS25_URL, stop: () => {} }
  : await startCollector(plain);
const browser = await launch();

async function shoot(path, file, { width, height, scheme, whole }) {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: scheme,
  });
  const page = await context.newPage();
  page.on("pageerror", (error) => console.error(`${path}: ${error}`));
  page.on("console", (message) => {
    if (message.type() === "error") console.error(`${path}: ${message.text()}`);
  });
  await page.goto(`${collector.url}${path}`);
  await page.waitForSelector("main h1");
  await page.waitForFunction(
    () => !document.querySelector("main [aria-busy=true]"),
  );
  await page.waitForTimeout(300);
  await page.screenshot({ path: file, fullPage: whole });
  await context.close();
}

try {
  if (target.endsWith(".png")) {
    const size = { width: 1100, height: 700, scheme: "light", whole: false };
    await shoot("/networks", target, size);
  } else {
    mkdirSync(target, { recursive: true });
    for (const [name, path] of VIEWS)
      for (const width of [1440, 360])
        for (const scheme of ["light", "dark"])
          if (!wanted.length || wanted.includes(name))
            await shoot(path, join(target, `${name}-${width}-${scheme}.png`), {
              width,
              height: 900,
              scheme,
              whole: true,
            });
  }
} finally {
  await browser.close();
  await collector.stop();
}
