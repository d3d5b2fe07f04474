// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  dialogueOf,
  failedText,
  lastEnd,
  stagesOf,
  ticksOf,
} from "../src/path/stages.js";

const OPEN = {
  port: 587,
  mode: "starttls",
  ended: "done",
  failure: null,
  ms: { connect: 10, banner: 40, ehlo: 12, starttls: 11, tls: 22, "ehlo-tls": 10 },
  smtp: { code: 220, text: "mx.example.net ESMTP", capabilities: ["STARTTLS", "SIZE"] },
  tls: { version: "TLSv1.3", verify: "ok" },
};

test("stages follow each other", () =>
  assert.deepEqual(
    stagesOf(OPEN).map(({ stage, from, to }) => [stage, from, to]),
    [
      ["connect", 0, 10],
      ["banner", 10, 50],
      ["ehlo", 50, 62],
      ["starttls", 62, 73],
      ["tls", 73, 95],
      ["ehlo-tls", 95, 105],
    ],
  ));

test("SMTPS has TLS before its greeting", () =>
  assert.deepEqual(
    stagesOf({ ...OPEN, mode: "tls", ms: { connect: 10, tls: 20, banner: 5 } })
      .map(({ stage }) => stage),
    ["connect", "tls", "banner"],
  ));

test("a stage that failed has no end", () => {
  const probe = { mode: "starttls", ended: "connect", failure: "timeout", ms: {}, total_ms: 3500, tries: 3 };
  const [stage] = stagesOf(probe);
  assert.equal(stage.to, null);
  assert.equal(failedText(stage, probe), "connect: no answer in 3.5 s, 3 times");
  assert.equal(failedText(stage, probe, 30), "no answer in 3.5 s, 3 times");
  assert.equal(failedText(stage, probe, 20), "no answer in 3.5 s");
  assert.equal(failedText(stage, probe, 5), "no answer");
  assert.equal(lastEnd([probe]), 10);
});

test("the public form keeps two times: the connection, and the end", () => {
  const ms = { connect: 10, total: 105 };
  const times = (probe) => stagesOf({ mode: "starttls", ms, ...probe }).map(({ stage, from, to }) => [stage, from, to]);
  assert.deepEqual(times({ ended: "done", failure: null }), [
    ["connect", 0, 10],
    ["dialogue", 10, 105],
  ]);
  assert.deepEqual(times({ ended: "banner", failure: "closed" }), [
    ["connect", 0, 10],
    ["banner", 10, null],
  ]);
  assert.deepEqual(times({ mode: "connect", ended: "done", failure: null }), [
    ["connect", 0, 10],
  ]);
  assert.deepEqual(times({ ended: "done", failure: null, ms: { connect: 10, total: 10 } }), [
    ["connect", 0, 10],
  ]);
});

test("ticks are round numbers", () => {
  assert.deepEqual(ticksOf(106), [0, 20, 40, 60, 80, 100]);
  assert.deepEqual(ticksOf(3, 4), [0, 1, 2, 3]);
});

test("a dialogue is what was recorded", () =>
  assert.deepEqual(dialogueOf(OPEN), [
    ["<", "220 mx.example.net ESMTP"],
    [">", "EHLO"],
    ["<", "250-STARTTLS"],
    ["<", "250 SIZE"],
    [">", "STARTTLS"],
    ["<", "220"],
    ["=", "TLS 1.3 · certificate ok"],
    [">", "EHLO"],
    ["<", "250"],
    [">", "QUIT"],
  ]));

test("a dialogue that broke says how", () =>
  assert.deepEqual(
    dialogueOf({
      mode: "starttls",
      ended: "ehlo",
      failure: "rejected",
      ms: { connect: 1, banner: 2, ehlo: 3 },
      smtp: { code: 220, text: "hello" },
      reply: { code: 550, text: "go away" },
    }),
    [
      ["<", "220 hello"],
      ["<", "550 go away"],
      ["=", "EHLO: rejected by the endpoint"],
    ],
  ));
