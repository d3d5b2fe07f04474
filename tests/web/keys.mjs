// SPDX-License-Identifier: Apache-2.0
// A page by the keyboard alone: what has the focus, the way of the Tab key, and
// what the keys do to each thing on it.
import assert from "node:assert/strict";

const FURTHEST = 400; // stops in a view, more than any has

const TRIES = 300; // frames until what moved the page is drawn

// Where the keyboard is: null on nothing. `seen`: what is wrong with how it is
// shown, "" where nothing is.
export async function focused(page) {
  let at = null;
  for (let i = 0; i < TRIES; i++) {
    at = await lookedAt(page);
    if (!at || at.seen === "") break;
    await frame(page);
  }
  return at;
}

const frame = (page) =>
  page.evaluate(() => new Promise((done) => requestAnimationFrame(done)));

function lookedAt(page) {
  return page.evaluate(() => {
    const it = document.activeElement;
    if (!it || it === document.body) return null;
    const box = it.getBoundingClientRect();
    const [left, right] = [Math.max(0, box.left), Math.min(innerWidth, box.right)];
    const [top, bottom] = [Math.max(0, box.top), Math.min(innerHeight, box.bottom)];
    const style = getComputedStyle(it);
    // Scrolling is by whole pixels.
    const isIn = (size, least) => size >= Math.min(least, 20) - 1;
    const wrong = () => {
      if (!isIn(right - left, box.width) || !isIn(bottom - top, box.height))
        return "outside of the window";
      const hit = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
      if (!hit || !(it.contains(hit) || hit.contains(it)))
        return `under ${hit?.outerHTML.slice(0, 80)}`;
      if (!(style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2))
        return "without a ring";
      return "";
    };
    return {
      name: (it.getAttribute("aria-label") ?? it.innerText ?? it.textContent ?? "").trim(),
      tag: it.tagName.toLowerCase(),
      type: it.type ?? "",
      isRow: Boolean(it.closest("tr[data-row]")),
      isHistory: Boolean(it.closest(".history") && it.getAttribute("role") === "group"),
      isPressed: it.getAttribute("aria-pressed"),
      html: it.outerHTML.slice(0, 120),
      seen: wrong(),
    };
  });
}

// Nothing is lost: the focus is on something.
export async function isHeld(page, after) {
  const at = await focused(page);
  assert.ok(at, `${page.url()}: the focus is lost after ${after}`);
  return at;
}

export async function fits(page, after = "") {
  const over = await page.evaluate(
    () => document.documentElement.scrollWidth - innerWidth,
  );
  assert.ok(over <= 0, `${page.url()} scrolls sideways by ${over} px ${after}`);
}

// What a pointer can use: each has to be a stop of the Tab key. Of the rows of
// the long table one is, and the arrow keys lead to the others; the list beside
// the map has its countries.
function remember() {
  globalThis.stops = [
    ...document.querySelectorAll(
      'a[href], button, input, select, textarea, summary, [tabindex="0"]',
    ),
  ].filter((it) => it.checkVisibility() && !it.disabled && it.tabIndex >= 0);
  globalThis.passed = new Set();
}

function missed() {
  const onlyPointers = [...document.querySelectorAll("body *")].filter(
    (it) =>
      getComputedStyle(it).cursor === "pointer" &&
      !it.closest("a[href], button, summary, select, label, svg.map, [tabindex='0'], tr[data-row]"),
  );
  return [
    ...globalThis.stops.filter(
      (it) => it.isConnected && it.checkVisibility() && !globalThis.passed.has(it),
    ),
    ...onlyPointers,
  ].map((it) => it.outerHTML.slice(0, 100));
}

// From the end of the page, or its beginning, to its end by Tab. `each`, where
// given, is called at each stop with what focused() says and its number. How
// many stops there were.
export async function walk(page, each) {
  await page.evaluate(() => document.activeElement.blur());
  await page.evaluate(() => getSelection().collapse(document.body, 0));
  const names = [];
  for (let i = 0; i < FURTHEST; i++) {
    await page.keyboard.press("Tab");
    const at = await focused(page);
    if (!at) return i;
    names.push(at.name.slice(0, 30));
    assert.equal(at.seen, "", `${page.url()}: ${at.html} has the focus`);
    await page.evaluate(() => globalThis.passed?.add(document.activeElement));
    await each?.(at, i);
  }
  const last = names.slice(-40).join(" | ");
  return assert.fail(`${page.url()}: no end after ${FURTHEST} stops: ${last}`);
}

// Every stop is reached, and seen where it is.
export async function walkAll(page) {
  await page.evaluate(remember);
  const stops = await walk(page);
  assert.deepEqual(await page.evaluate(missed), [], "out of reach of the keyboard");
  return stops;
}

const KEYS = {
  row: ["ArrowDown", "End", "PageUp", "Home"],
  history: ["ArrowLeft", "PageUp", "ArrowDown", "Home"],
  select: ["ArrowDown", "ArrowUp"],
  button: ["Space"],
  summary: ["Enter"],
  search: ["x", "Backspace"],
};

function kindOf({ tag, type, isRow, isHistory }) {
  if (isRow) return "row";
  if (isHistory) return "history";
  if (tag === "input") return type === "search" ? "search" : null;
  return tag;
}

// Do what the keys do to what has the focus; it keeps it, or hands it on.
export async function work(page, at) {
  for (const key of KEYS[kindOf(at)] ?? []) {
    await page.keyboard.press(key);
    // What the key changed is drawn then.
    await settled(page);
    await frame(page);
    const now = await isHeld(page, `${key} on ${at.html}`);
    assert.equal(now.seen, "", `${page.url()}: ${now.html} after ${key}`);
    await fits(page, `after ${key} on ${at.html}`);
  }
}

// Tab until what has the focus is called that; it has to be seen.
export async function tabTo(page, name) {
  const passed = [];
  for (let i = 0; i < FURTHEST; i++) {
    await page.keyboard.press("Tab");
    const at = await focused(page);
    passed.push(at?.name ?? "(the end)");
    if (!at || !name.test(at.name)) continue;
    assert.equal(at.seen, "", `${at.html} has the focus`);
    return at;
  }
  return assert.fail(`no way to ${name}: ${passed.slice(0, 100).join(" | ")}`);
}

// After a change of view the focus is at its heading: the next Tab goes on from
// there.
export const atHeading = (page) =>
  page.waitForFunction(() => document.activeElement.tagName === "H1");

export const settled = (page) =>
  page.waitForFunction(
    () =>
      document.querySelector("main h1") &&
      !document.querySelector("main [aria-busy=true]"),
  );

// All that failed is there again.
export const isWhole = (page) =>
  page.waitForFunction(
    () => !document.querySelector("[role=alert], main [aria-busy=true]"),
  );
