// SPDX-License-Identifier: Apache-2.0
// Which rows of a long table are drawn. Pure.

const BEFORE = 6;
const AFTER = 14;

// `top`: how far the table's first row is above the window's upper edge, px.
export function drawnRows({ top, height, rowHeight, count }) {
  const seen = Math.floor(Math.max(0, top) / rowHeight);
  const fit = Math.ceil(height / rowHeight);
  const from = Math.max(0, Math.min(seen - BEFORE, count - 1));
  const to = Math.min(count, seen + fit + AFTER);
  return { from, to: Math.max(from, to) };
}

const STEPS = {
  ArrowUp: () => -1,
  ArrowDown: () => 1,
  PageUp: (page) => -page,
  PageDown: (page) => page,
  Home: () => -Infinity,
  End: () => Infinity,
};

// The row that a key moves to, or null for a key that moves nothing.
export function rowAfterKey(key, row, count, page) {
  if (!STEPS[key] || count === 0) return null;
  return Math.max(0, Math.min(count - 1, row + STEPS[key](page)));
}
