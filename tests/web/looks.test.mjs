// SPDX-License-Identifier: Apache-2.0
// What can be measured of how the views look: contrast, names, no inline style.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { test } from "node:test";
import { findings } from "./axe.mjs";
import { startCollector } from "./collector.mjs";
import { rows } from "./fixture.mjs";
import { browser, collector, useCollector } from "./stage.mjs";
import { VIEWS } from "./views.mjs";

const web = new URL("../../dashboards/web/", import.meta.url);

useCollector(() => startCollector(rows(Date.now())));

// --- contrast, from the style sheet that is served ---

const TEXT = 4.5;
const MARK = 3;
const PAIRS = [
  ["ink", "paper", TEXT],
  ["ink", "band", TEXT],
  ["ink", "band2", TEXT],
  ["soft", "paper", TEXT],
  ["soft", "band", TEXT],
  ["soft", "band2", TEXT],
  ["faint", "paper", TEXT],
  ["faint", "band2", TEXT],
  ["paper", "ink", TEXT],
  ["stage-text", "stage-a", TEXT],
  ["stage-text", "stage-b", TEXT],
  ["open", "paper", MARK],
  ["open", "band2", MARK],
  ["filtered", "paper", MARK],
  ["filtered", "band2", MARK],
  ["intercepted", "paper", MARK],
  ["intercepted", "band2", MARK],
  ["none", "paper", MARK],
  ["none-ink", "paper", MARK],
  ["none-ink", "band2", MARK],
  ["rule", "paper", MARK],
  ["rule", "band", MARK],
];

// WCAG 2.2, relative luminance
function luminance(hex) {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const part = parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one, other) {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

test("the contrast is computed as WCAG has it", () => {
  assert.equal(contrast("#000000", "#ffffff").toFixed(1), "21.0");
  assert.equal(contrast("#777777", "#ffffff").toFixed(2), "4.48");
});

for (const scheme of ["light", "dark"])
  test(`every pair of colours is told apart, ${scheme}`, async () => {
    const context = await browser.newContext({ colorScheme: scheme });
    const page = await context.newPage();
    await page.goto(`${collector.url}/about`);
    const names = [...new Set(PAIRS.flatMap(([a, b]) => [a, b]))];
    const colours = await page.evaluate((all) => {
      const probe = document.body.appendChild(document.createElement("i"));
      const style = getComputedStyle(document.documentElement);
      const found = {};
      for (const name of all)
        found[name] = style.getPropertyValue(`--${name}`).trim();
      probe.remove();
      return found;
    }, names);
    const weak = PAIRS.map(([a, b, least]) => {
      const full = (hex) =>
        hex.length === 4 ? `#${[...hex.slice(1)].map((c) => c + c).join("")}` : hex;
      const seen = contrast(full(colours[a]), full(colours[b]));
      return seen < least ? `${a} on ${b}: ${seen.toFixed(2)}` : "";
    }).filter(Boolean);
    assert.deepEqual(weak, []);
    await context.close();
  });

// --- axe-core ---

for (const [name, path] of VIEWS)
  for (const [scheme, width] of [
    ["light", 1440],
    ["dark", 360],
  ])
    test(`axe finds nothing in ${name}, ${scheme}, ${width} px`, async () => {
      const context = await browser.newContext({
        colorScheme: scheme,
        viewport: { width, height: 900 },
        bypassCSP: true,
      });
      const page = await context.newPage();
      await page.goto(`${collector.url}${path}`);
      await page.waitForSelector("main h1");
      await page.waitForFunction(
        () => !document.querySelector("main [aria-busy=true]"),
      );
      assert.deepEqual(await findings(page), []);
      await context.close();
    });

test("axe sees what is wrong", async () => {
  const context = await browser.newContext({ bypassCSP: true });
  const page = await context.newPage();
  await page.goto(`${collector.url}/about`);
  await page.waitForSelector("main h1");
  await page.evaluate(() => document.querySelector("main").append(new Image()));
  const found = await findings(page);
  assert.ok(found.some((line) => line.includes("image-alt")), found.join());
  await context.close();
});

// --- no inline style ---

const FILES = ["app.js", "style.css", "index.html", "favicon.svg", "world.json"];
const served = (name) => readFileSync(new URL(`prebuilt/${name}`, web));

test("no style attribute is served, and no script sets one", async () => {
  assert.doesNotMatch(served("index.html").toString(), /\sstyle=|<style/);
  const script = served("app.js").toString();
  assert.doesNotMatch(script, /setAttribute\(["']style["']/);
  for (const [, path] of VIEWS) {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(`${collector.url}${path}`);
    await page.waitForSelector("main h1");
    await page.waitForFunction(
      () => !document.querySelector("main [aria-busy=true]"),
    );
    assert.equal(await page.locator("[style]").count(), 0, path);
    await context.close();
  }
});

test("all files together are at most 70 KB, gzipped", () => {
  const bytes = FILES.reduce(
    (sum, name) => sum + gzipSync(served(name), { level: 9 }).length,
    0,
  );
  assert.ok(bytes <= 70 * 1024, `${bytes} bytes`);
});

// --- print and forced colours ---

async function open(path, options) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.setDefaultTimeout(60000);
  await page.goto(`${collector.url}${path}`);
  await page.waitForSelector("main h1");
  await page.waitForFunction(
    () => !document.querySelector("main [aria-busy=true]"),
  );
  return { page, close: () => context.close() };
}

// In the page: text that is seen, each with its colour, but in pictures, which
// bring their own ground.
function textColours() {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const it = node.parentElement;
    if (!node.data.trim() || it.closest("svg, script") || !it.checkVisibility())
      continue;
    found.push([node.data.trim().slice(0, 40), getComputedStyle(it).color]);
  }
  return found;
}

const hexOf = (colour) =>
  `#${colour.match(/\d+/g).slice(0, 3).map((part) => Number(part).toString(16).padStart(2, "0")).join("")}`;

for (const [name, path] of VIEWS)
  test(`${name} on paper: no controls, and nothing white, of a dark screen`, async () => {
    const { page, close } = await open(path, {
      viewport: { width: 760, height: 1000 },
      colorScheme: "dark",
    });
    await page.emulateMedia({ media: "print" });
    assert.equal(await page.locator("header nav").isVisible(), false);
    assert.equal(await page.locator("h1").isVisible(), true);
    const controls = "input, select, button:not([aria-pressed=true]), .skip";
    assert.deepEqual(
      await page.locator(controls).evaluateAll((all) =>
        all.filter((it) => it.checkVisibility()).map((it) => it.outerHTML.slice(0, 80)),
      ),
      [],
    );
    const colours = await page.evaluate(textColours);
    assert.ok(colours.length > 5);
    assert.deepEqual(
      colours.filter(([, colour]) => contrast(hexOf(colour), "#ffffff") < TEXT),
      [],
    );
    const over = await page.evaluate(
      () => document.documentElement.scrollWidth - innerWidth,
    );
    assert.ok(over <= 0, `${over} px too wide`);
    await close();
  });

test("on paper a long section begins where it stands, not on the next page", async () => {
  const { page, close } = await open("/data?asn=64500", {
    viewport: { width: 760, height: 1000 },
  });
  await page.emulateMedia({ media: "print" });
  const breaks = await page
    .locator("main section")
    .evaluateAll((all) => all.map((it) => getComputedStyle(it).breakInside));
  assert.ok(breaks.length > 1);
  assert.ok(breaks.every((one) => one === "auto"), breaks.join());
  await close();
});

// Marks keep their colours; what is written in them takes the reader's.
for (const [name, path] of VIEWS)
  test(`${name} with forced colours: marks keep theirs, what is pressed is seen`, async () => {
    const { page, close } = await open(path, { forcedColors: "active" });
    const seen = await page.evaluate(() => {
      const style = (it) => getComputedStyle(it);
      const of = (names) =>
        [...document.querySelectorAll(names)].filter((it) => it.checkVisibility());
      return {
        marks: of("svg").map((it) => style(it).forcedColorAdjust),
        pressed: of("button[aria-pressed=true], header nav a[aria-current]").map(
          (it) => style(it).outlineStyle,
        ),
        borders: of("main button, main .button").map((it) => style(it).borderTopStyle),
      };
    });
    assert.ok(seen.marks.length > 0 && seen.marks.every((one) => one === "none"));
    assert.ok(seen.pressed.every((one) => one === "solid"), seen.pressed.join());
    assert.ok(seen.borders.every((one) => one === "solid"), seen.borders.join());
    await close();
  });
