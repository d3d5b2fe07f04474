// SPDX-License-Identifier: Apache-2.0
// What one vantage point saw, in a sentence. Pure.
import { countText, endSentence, listText, mechanismText, numberText, placeText } from "../shared/words.js";

const STATES = {
  filtered: "filtered",
  intercepted: "intercepted",
  reachable: "open",
};

export const stateOfOutcome = (outcome) => STATES[outcome] ?? "insufficient";

// "Port 25 stops after hop 1; the same minute, 587, 465 and 443 reach hop 9."
export function sentenceOf(main, picture) {
  if (!main) return "Nothing was tried.";
  const others = picture.lanes
    .filter(({ port, reach, wall, hollow }) =>
      port !== main.port && reach === picture.end && !wall && !hollow)
    .map(({ port }) => String(port));
  const goal = picture.hasTrace ? `hop ${picture.end}` : "the endpoint";
  const rest = others.length
    ? `; the same minute, ${listText(others)} ${others.length > 1 ? "reach" : "reaches"} ${goal}`
    : "";
  return endSentence(`Port ${main.port} ${deedOf(main)}${rest}`);
}

function deedOf({ outcome, mechanism, where, after_hop: hop }) {
  const isPlaced = typeof hop === "number" && hop > 0 && where !== "far-end";
  const place = isPlaced ? `after hop ${hop}` : placeText(where);
  switch (outcome) {
    case "reachable":
      return mechanism === "rejected"
        ? "gets through; the endpoint rejects"
        : "gets through";
    case "filtered":
      return mechanism === "drop" && isPlaced
        ? `stops ${place}`
        : `is filtered: ${[mechanismText(mechanism), place].filter(Boolean).join(" ")}`;
    case "intercepted":
      return `is intercepted: ${[mechanismText(mechanism), place].filter(Boolean).join(" ")}`;
    case "local":
      return "is stopped by the measuring host itself";
    case "endpoint":
      return `does not answer as a mail server: ${mechanismText(mechanism)}`;
    default:
      return `cannot be judged: ${mechanismText(mechanism) || "too little was seen"}`;
  }
}

// The alibi: the endpoint was up for others in the same hour.
export function alibiOf(elsewhere, port) {
  if (!elsewhere || !elsewhere.tried) return "";
  const { tried, reached, networks } = elsewhere;
  if (!reached)
    return `In the same hour nobody else got its greeting on port ${port} either: none of ${countText(tried, "visit")}.`;
  const who = `${numberText(reached)} of ${countText(tried, "visit")} from ${countText(networks, "other network")}`;
  return `The endpoint was up: in the same hour ${who} got its greeting on port ${port}.`;
}
