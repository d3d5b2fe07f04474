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
  const xs = [...new Set(items.map((item) => item[axisX]))];
  const ys = axisY ? [...new Set(items.map((item) => item[axisY]))] : [""];
  const counts = new Map(
    items.map((item) => [
      `${item[axisX]}\n${axisY ? item[axisY] : ""}`,
      item.measurements ?? item.count ?? 0,
    ]),
  );
  const at = (x, y) => counts.get(`${x}\n${y}`) ?? 0;
  return { xs, ys, at, most: Math.max(1, ...counts.values()) };
}

export const axisText = (axis) =>
  ({ asn: "network", day: "day" })[axis] ?? axis;

export const valueText = (axis, value) => {
  if (axis === "country") return countryName(value);
  if (axis === "asn") return `AS${value}`;
  if (axis === "family") return `IPv${value}`;
  if (axis === "day") return dateText(value);
  return String(value ?? "none");
};

export const axesText = (axes) => listText(axes.filter(Boolean).map(axisText));
