// SPDX-License-Identifier: Apache-2.0
// Short histories for the rows that are drawn, asked for when scrolling rests.
import { signal } from "@preact/signals";
import { daysOf } from "../marks/runs.js";
import { get } from "../shared/api.js";

const REST_MS = 90;
const KEYS = 64;
export const HISTORY_DAYS = 60;

// key -> signal: undefined: not asked yet, null: none, else days. A signal a
// row, so that late data does not redraw the table.
const known = new Map();
let timer;

// The address of the newest histories.
export const askedHistories = signal(null);

export function historyOf(key) {
  if (!known.has(key)) known.set(key, signal(undefined));
  return known.get(key);
}

export function wantHistories(keys) {
  clearTimeout(timer);
  timer = setTimeout(() => ask(keys), REST_MS);
}

async function ask(keys) {
  const missing = keys
    .filter((key) => historyOf(key).peek() === undefined)
    .slice(0, KEYS);
  if (missing.length === 0) return;
  try {
    const path = `/v1/history?keys=${missing.join(",")}&days=${HISTORY_DAYS}`;
    const { data } = await get(path);
    askedHistories.value = path;
    for (const key of missing) {
      const found = data.history[key];
      historyOf(key).value = found?.length ? daysOf(found) : null;
    }
  } catch {
    // The cells stay blank: what is not known is not drawn.
  }
}
