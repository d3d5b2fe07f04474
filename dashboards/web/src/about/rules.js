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
      `Evidence is what was seen in the last ${countText(t.window_days, "day")}; each vantage point counts by what it saw in the last ${t.recent_days}.`,
    has("age_days") &&
      `A vantage point enrolled less than ${countText(t.age_days, "day")} ago can show that a network is open, not that it filters.`,
    has("witnesses") &&
      `A network is called filtered, partial or intercepted only where at least ${countText(t.witnesses, "vantage point")} see it that share neither operator, prefix nor date of enrolment.`,
    has("cap", "cap_part") &&
      `Filtered and intercepted also take that the chance of the network being open is at most ${chance(t.cap)}; for partial it is ${chance(t.cap_part)}.`,
    has("keep_cap") &&
      `Once published, it stays while that chance is at most ${chance(t.keep_cap)}.`,
    has("open_at") &&
      `A network is called open where that is at least ${chance(t.open_at)} likely.`,
    has("fair_p", "fair_witnesses") &&
      `Evidence is fair where the state is at least ${chance(t.fair_p)} likely and ${countText(t.fair_witnesses, "vantage point")} agree; below that it is thin.`,
    has("strong_p", "strong_witnesses") &&
      `Evidence is strong where the state is at least ${chance(t.strong_p)} likely and ${countText(t.strong_witnesses, "vantage point")} agree.`,
    has("gate") &&
      `Of all networks called so together, at most ${chance(t.gate)} are expected to be open; the weakest verdicts are held back until that holds.`,
  ].filter(Boolean);
}

// What an objection says, ready to be filled in.
export function objectionOf(asn) {
  return [
    `Network: AS${asn || "…"}`,
    "Who writes (name, role):",
    "Reply, or objection:",
    "What is wrong, or why it is so:",
    "Since when:",
    "May we publish this beside the verdict? yes / no",
  ].join("\n");
}
