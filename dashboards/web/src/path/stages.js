// SPDX-License-Identifier: Apache-2.0
// The stages of a probe in time, and its dialogue line by line. Pure.
import { failureText, stageText } from "../shared/words.js";
import { tlsText } from "./lane.js";

const ORDER = [
  "resolve",
  "connect",
  "banner",
  "ehlo",
  "starttls",
  "tls",
  "ehlo-tls",
  "done",
];

// SMTPS: TLS comes before the greeting.
const ORDER_TLS = ["resolve", "connect", "tls", "banner", "ehlo", "done"];

const orderOf = ({ mode }) => (mode === "tls" ? ORDER_TLS : ORDER);

// [{ stage, from, to }] in ms; a stage that failed has `failure` and no end.
export function stagesOf(probe) {
  const stages = [];
  let at = 0;
  for (const stage of orderOf(probe)) {
    const ms = probe.ms?.[stage];
    if (stage === probe.ended && probe.failure) {
      stages.push({ stage, from: at, to: null, failure: probe.failure, ms });
      break;
    }
    if (typeof ms !== "number" || stage === "resolve") continue;
    stages.push({ stage, from: at, to: at + ms });
    at += ms;
  }
  return withRest(stages, probe);
}

// The public form keeps when the connection stood and when all was over.
function withRest(stages, { mode, ms, failure, ended }) {
  const last = stages.at(-1);
  const isWhole = stages.length !== 1 || last.to === null;
  if (isWhole || mode === "connect" || !(ms?.total > last.to)) return stages;
  const rest = { from: last.to };
  return [
    ...stages,
    failure
      ? { ...rest, stage: ended, to: null, failure }
      : { ...rest, stage: "dialogue", to: ms.total },
  ];
}

// The longest time that a completed stage ends at, over all probes.
export function lastEnd(probes) {
  const ends = probes.flatMap((probe) => stagesOf(probe).map(({ to }) => to ?? 0));
  return Math.max(10, ...ends);
}

// Marks of a scale from 0 to `end`: steps of 1, 2 or 5 and a power of ten.
export function ticksOf(end, most = 6) {
  const raw = end / most;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= raw);
  const ticks = [];
  for (let at = 0; at <= end; at += step) ticks.push(Number(at.toFixed(6)));
  return ticks;
}

// "connect: no answer in 3.5 s, 3 times", or as much of it as `most` letters
// hold; the table has all of it.
export function failedText({ stage, failure }, probe, most = Infinity) {
  const after = probe.total_ms ?? probe.ms?.total ?? probe.ms?.[stage];
  const time =
    failure === "timeout" && after ? ` in ${(after / 1000).toFixed(1)} s` : "";
  const tries = probe.tries > 1 ? `, ${probe.tries} times` : "";
  const what = `${failureText(failure)}${time}`;
  const forms = [`${stageText(stage)}: ${what}${tries}`, `${what}${tries}`, what];
  return forms.find((form) => form.length <= most) ?? failureText(failure);
}

// Whether a stage was passed: its time is known, and it did not end there.
function passed(probe, stage) {
  if (probe.ended === stage && probe.failure) return false;
  return typeof probe.ms?.[stage] === "number";
}

function repliesOf({ smtp }) {
  const words = smtp?.capabilities ?? [];
  return words.map((word, i) => [
    "<",
    `250${i === words.length - 1 ? " " : "-"}${word}`,
  ]);
}

// [[who, text]]: "<" the endpoint, ">" the agent, "=" what happened. Only what
// was recorded: a reply that was not kept is not made up.
export function dialogueOf(probe) {
  const lines = [];
  const tls = probe.tls?.version && [
    "=",
    [tlsText(probe.tls.version), certificateText(probe.tls.verify)]
      .filter(Boolean)
      .join(" · "),
  ];
  if (probe.mode === "tls" && tls) lines.push(tls);
  if (probe.smtp?.code)
    lines.push(["<", `${probe.smtp.code} ${probe.smtp.text ?? ""}`.trim()]);
  if (passed(probe, "ehlo")) lines.push([">", "EHLO"], ...repliesOf(probe));
  if (passed(probe, "starttls")) lines.push([">", "STARTTLS"], ["<", "220"]);
  if (probe.mode !== "tls" && tls) lines.push(tls);
  if (passed(probe, "ehlo-tls")) lines.push([">", "EHLO"], ["<", "250"]);
  if (probe.reply?.code)
    lines.push(["<", `${probe.reply.code} ${probe.reply.text ?? ""}`.trim()]);
  if (probe.ended === "done" && !probe.failure) lines.push([">", "QUIT"]);
  else if (probe.failure)
    lines.push(["=", `${stageText(probe.ended)}: ${failureText(probe.failure)}`]);
  return lines;
}

function certificateText(verify) {
  if (!verify) return "";
  return verify === "ok" ? "certificate ok" : `certificate: ${verify}`;
}
