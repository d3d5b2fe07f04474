// SPDX-License-Identifier: Apache-2.0
// A history as runs of equal days. Pure.

const STATE_OF = {
  o: "open",
  f: "filtered",
  p: "partial",
  i: "intercepted",
  c: "inconsistent",
  n: "insufficient",
};

const LEVEL_OF = { 1: "thin", 2: "fair", 3: "strong" };

// The API's two strings, a character a day, as [{ state, level }]; state null:
// not measured.
export function daysOf([states, levels]) {
  return [...states].map((letter, i) => ({
    state: STATE_OF[letter] ?? null,
    level: LEVEL_OF[levels[i]] ?? null,
  }));
}

// [{ from, length, state, level }]: merged, never averaged away.
export function runs(days) {
  const found = [];
  days.forEach(({ state, level }, from) => {
    const last = found.at(-1);
    if (last && last.state === state && last.level === level) last.length++;
    else found.push({ from, length: 1, state, level });
  });
  return found;
}

// A day a place, from rows that say their `day`; a day without a row was not
// measured.
export function placeDays(days, rows) {
  const byDay = new Map(rows.map((row) => [row.day.slice(0, 10), row]));
  return days.map((day) => ({
    state: null,
    level: null,
    ...byDay.get(day),
    day,
  }));
}
