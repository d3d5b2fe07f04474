// SPDX-License-Identifier: Apache-2.0
// Pictures of the views, of the made-up fleet, for who changes one:
//	node tests/web/picture.mjs FOLDER [VIEW...]
// and README's pictures:
//	node tests/web/picture.mjs doc/page.png
//	node tests/web/picture.mjs doc/network.png
// with EGRESS25_COLLECTOR and EGRESS25_DEMO as for the tests, or EGRESS25_URL:
// a collector that runs already, as after ./dev up --demo.
import { mkdirSync } from "node:fs";
import { basename, join } from "node:path";
import { launch } from "./browser.mjs";
import { startDemo } from "./collector.mjs";

const [target = "doc/page.png", ...wanted] = process.argv.slice(2);

const README = {
  "page.png": ["/networks", { width: 1340, height: 720 }],
  "network.png": ["/as/4200000000", { width: 1180, height: 1010 }],
};

const collector = process.env.EGRESS25_URL
  ? { url: process.env.EGRESS25_URL, stop: () => {} }
  : await startDemo(200);
const browser = await launch();

async function newestReport(asn) {
  const path = `/v1/measurements?asn=${asn}&port=25&family=4&limit=1`;
  const { items } = await (await fetch(`${collector.url}${path}`)).json();
  return items[0].id.split(":")[0];
}

const VIEWS = [
  ["overview", "/"],
  ["my-network", "/my-network"],
  ["networks", "/networks"],
  ["days", "/networks?view=days"],
  ["network", "/as/4200000000"],
  ["parts", "/as/4200000001"],
  ["countries", "/countries"],
  ["country", "/country/NL"],
  ["changes", "/changes"],
  ["measurement", `/m/${await newestReport(4200000000)}`],
  ["data", "/data?asn=4200000000"],
  ["counts", "/data?axis_x=day&axis_y=outcome"],
  ["about", "/about?as=4200000000"],
  ["nowhere", "/nothing"],
];

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
    const [path, size] = README[basename(target)];
    await shoot(path, target, { ...size, scheme: "light", whole: false });
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
