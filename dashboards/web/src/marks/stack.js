// SPDX-License-Identifier: Apache-2.0
// Pure.
import { STATES } from "../shared/words.js";

const KNOWN = ["open", "filtered", "partial", "intercepted"];

// Counts by state as shares of `of`, side by side in the order of gravity.
export function stackOf(states, of) {
  const parts = [];
  const whole =
    of ?? STATES.reduce((sum, state) => sum + (states?.[state] ?? 0), 0);
  let from = 0;
  for (const state of STATES) {
    const count = states?.[state] ?? 0;
    if (count === 0 || whole === 0) continue;
    parts.push({ state, count, from, share: count / whole });
    from += count / whole;
  }
  return parts;
}

// How many are known well enough for a share.
export function knownOf(states) {
  return KNOWN.reduce((sum, state) => sum + (states?.[state] ?? 0), 0);
}

// The share that filters, wholly or in part; null where nothing is known.
export function filteredShare(states) {
  const known = knownOf(states);
  if (known === 0) return null;
  return ((states.filtered ?? 0) + (states.partial ?? 0)) / known;
}
