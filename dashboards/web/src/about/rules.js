// SPDX-License-Identifier: Apache-2.0
// The rules in sentences, with the collector's own numbers. Pure.
import { countText } from "../shared/words.js";

const chance = (share) => {
  const percent = share * 100;
  return `${percent >= 1 ? Math.round(percent) : Number(percent.toPrecision(2))}\u00a0%`;
};

// A sentence for each rule whose numbers are there.
export function rulesOf(thresholds = {}) {
  const t = thresholds;
  const has = (...names) => names.every((name) => typeof t[name] === "number");
  return [
    has("window_days", "recent_days") &&
      `Evidence is what was seen in the last ${countText(t.window_days, "day")}; a line votes by what it saw in the last ${t.recent_days}.`,
    has("age_days") &&
      `A vantage point younger than ${countText(t.age_days, "day")} may acquit a network, not accuse it.`,
    has("witnesses") &&
      `An accusation takes at least ${countText(t.witnesses, "line")} that share neither operator, prefix nor date of enrolment.`,
    has("cap", "cap_part") &&
      `Filtered and intercepted are said where the chance that the network is open is at most ${chance(t.cap)}; partial at most ${chance(t.cap_part)}.`,
    has("keep_cap") &&
      `What was said is kept while that chance is at most ${chance(t.keep_cap)}.`,
    has("open_at") &&
      `Open is said from a chance of ${chance(t.open_at)} on.`,
    has("fair_p", "fair_witnesses") &&
      `Evidence is fair from ${chance(t.fair_p)} and ${countText(t.fair_witnesses, "line")} on, below that it is thin.`,
    has("strong_p", "strong_witnesses") &&
      `Evidence is strong from ${chance(t.strong_p)} and ${countText(t.strong_witnesses, "line")} on.`,
    has("gate") &&
      `Over all accusations together, at most ${chance(t.gate)} are expected to be wrong; the weakest are withheld beyond that.`,
  ].filter(Boolean);
}

// What an objection says, ready to be filled in.
export function objectionOf(asn) {
  return [
    `Network: AS${asn || "…"}`,
    "Who writes (name, role):",
    "What is wrong, or why it is so:",
    "Since when:",
    "May we publish this beside the verdict? yes / no",
  ].join("\n");
}
