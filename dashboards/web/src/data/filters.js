// SPDX-License-Identifier: Apache-2.0
// Any cut of the measurements, as an address, a sentence and a command. Pure.
import { queryText } from "../app/routes.js";
import { DAY_MS, dateText, dayOf } from "../shared/time.js";
import { countryName, listText } from "../shared/words.js";

export const DAYS = 30; // the window of who names none
export const AXES = [
  "day",
  "country",
  "asn",
  "port",
  "family",
  "outcome",
  "mechanism",
  "endpoint",
];
const FILTERS = ["asn", "country", "family", "port", "outcome"];

// The filters with the default window written out.
export function cutOf(query, now) {
  const until = query.until || dayOf(now + DAY_MS);
  const cut = {};
  for (const name of FILTERS) cut[name] = query[name] ?? "";
  return {
    ...cut,
    since: query.since || dayOf(Date.parse(until) - DAYS * DAY_MS),
    until,
  };
}

export const measurementsLink = (cut, more = {}) =>
  `/v1/measurements${queryText({ ...cut, ...more })}`;

// "Measurements of AS64500 over IPv4 on port 25, from 1 Nov 2026 to
// 26 Nov 2026 (excluded)."
export function sentenceOf({ asn, country, family, port, outcome, since, until }) {
  const parts = [
    asn && `of AS${asn}`,
    country && `of ${countryName(country)}`,
    family && `over IPv${family}`,
    port && `on port ${port}`,
    outcome && `that say ${outcome}`,
  ].filter(Boolean);
  const what = parts.length ? `Measurements ${parts.join(" ")}` : "All measurements";
  return `${what}, from ${dateText(since)} until ${dateText(until)} (excluded), UTC.`;
}

// Rows of the aggregate as a table: { xs, ys, at(x, y), most }.
export function tableOf(items, axisX, axisY) {
  const valuesOf = (axis) => {
    const values = [...new Set(items.map((item) => item[axis]))];
    return axis === "day" ? values.sort() : values;
  };
  const xs = valuesOf(axisX);
  const ys = axisY ? valuesOf(axisY) : [""];
  const counts = new Map();
  for (const item of items) {
    const key = `${item[axisX]}\n${axisY ? item[axisY] : ""}`;
    counts.set(key, (counts.get(key) ?? 0) + item.measurements);
  }
  const at = (x, y) => counts.get(`${x}\n${y}`) ?? 0;
  return { xs, ys, at, most: Math.max(1, ...counts.values()) };
}

const PAGES = 40;

// The answer of an aggregate, whose pages add up; `get` asks for one. Where
// there are more pages than one waits for, `next` is the AS from which on not all
// is counted.
export async function countAll(path, get) {
  const items = [];
  let next = null;
  let seen;
  for (let i = 0; i < PAGES; i++) {
    seen = await get(next ? `${path}&cursor=${next}` : path);
    items.push(...seen.data.items);
    next = seen.data.next;
    if (!next) break;
  }
  // A cursor begins with the AS, which is what a person can use.
  return { data: { items, next: next && next.split(".")[0] }, now: seen.now };
}

export const axisText = (axis) =>
  (axis === "asn" ? "network" : axis);

export const valueText = (axis, value) => {
  if (axis === "country") return countryName(value);
  if (axis === "asn") return `AS${value}`;
  if (axis === "family") return `IPv${value}`;
  if (axis === "day") return dateText(value);
  return String(value ?? "none");
};

export const axesText = (axes) => listText(axes.filter(Boolean).map(axisText));
