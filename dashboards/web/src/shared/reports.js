// SPDX-License-Identifier: Apache-2.0
// Of measurements. Pure.
import { failureText, stageText } from "./words.js";

// Several tries of a port in one report are one line: its diagnosis is one.
export function onePerReport(rows) {
  const seen = new Set();
  return rows.filter((row) => {
    const key = [row.id.split(":")[0], row.port, row.address].join();
    return !seen.has(key) && seen.add(key);
  });
}

// A control port is compared with, and not judged. The handshake is all there is
// of it.
export const controlText = ({ ended, failure }) =>
  failure
    ? `control: ${stageText(ended)}, ${failureText(failure)}`
    : "control: connects";
