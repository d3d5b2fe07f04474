// SPDX-License-Identifier: Apache-2.0
// Dates and ages, in UTC. Pure.

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
export const DAY_MS = 86400000;

const two = (number) => String(number).padStart(2, "0");

function parts(time) {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) || time === null ? null : date;
}

// "18 Oct 2026"; "" for no time.
export function dateText(time) {
  const date = parts(time);
  if (!date) return "";
  return `${shortDate(time)} ${date.getUTCFullYear()}`;
}

// "18 Oct"
export function shortDate(time) {
  const date = parts(time);
  if (!date) return "";
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]}`;
}

// "11:48"
export function clockText(time) {
  const date = parts(time);
  if (!date) return "";
  return `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`;
}

// "26 Nov 11:26"
export function momentText(time) {
  return parts(time) ? `${shortDate(time)} ${clockText(time)}` : "";
}

const UNITS = [
  [86400, "d"],
  [3600, "h"],
  [60, "min"],
];

// How long before `now` a time was: "7 min", "6 h", "2 d".
export function ageText(time, now) {
  const date = parts(time);
  if (!date) return "";
  const seconds = (new Date(now).getTime() - date.getTime()) / 1000;
  if (!(seconds >= 60)) return "now";
  const [size, unit] = UNITS.find(([least]) => seconds >= least);
  return `${Math.floor(seconds / size)} ${unit}`;
}

// Since when a state is as it is; "before 28 Aug" where it was so at first. The
// evidence of a verdict reaches some weeks back: what is older it cannot tell.
export function sinceText({ since, since_is_first: isFirst }) {
  if (since && isFirst) return `before ${shortDate(since)}`;
  if (since) return dateText(since);
  return isFirst ? "no recent change" : "not known";
}

export function dayOf(time) {
  return new Date(time).toISOString().slice(0, 10);
}

// The days from `since` (included) to `until` (excluded), "2026-11-26".
export function daysBetween(since, until) {
  const days = [];
  for (let at = Date.parse(since); at < Date.parse(until); at += DAY_MS)
    days.push(dayOf(at));
  return days;
}
