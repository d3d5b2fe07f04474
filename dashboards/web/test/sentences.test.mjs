// SPDX-License-Identifier: Apache-2.0
// What the views say, of what the API says.
import assert from "node:assert/strict";
import { test } from "node:test";
import { objectionOf, rulesOf } from "../src/about/rules.js";
import { byDay, eventsLink, eventsQuery } from "../src/changes/days.js";
import { citationOf, dayText, duckText, fetchText, filesOf, sizeText } from "../src/data/daily.js";
import { answers, columnsOf } from "../src/data/dictionary.js";
import { countAll, cutOf, sentenceOf as cutSentence, tableOf } from "../src/data/filters.js";
import { alibiOf, sentenceOf } from "../src/measurement/sentence.js";
import {
  answerOf,
  figuresOf,
  letterOf,
  relayLines,
  relayPort,
} from "../src/my-network/advice.js";
import { annotationsOf } from "../src/network/annotations.js";
import {
  becauseText,
  citationOf as citeNetwork,
  destinationsText,
  hasShare,
  sinceOf,
  stopsText,
  verdictOf,
} from "../src/network/verdict.js";
import { controlText } from "../src/shared/reports.js";
import { choiceOf, listedWrong } from "../src/overview/figures.js";
import { pictureOf } from "../src/path/lane.js";

const NETWORK = {
  asn: 64500,
  name: "Hansefibre B.V.",
  family: 4,
  port: 25,
  state: "filtered",
  mechanism: "drop",
  where: "access",
  level: "strong",
  since: "2026-10-18T00:00:00Z",
  since_is_first: false,
  vantage_points: 14,
  witnesses: [14, 0],
  prefixes: 11,
  blocked_share: { low: 0.84, mid: 1, high: 1 },
};
const OTHERS = [
  { port: 587, family: 4, state: "open", asn: 64500, name: "Hansefibre B.V." },
  { port: 465, family: 4, state: "open", asn: 64500, name: "Hansefibre B.V." },
];

for (const [state, sentence] of [
  ["filtered", "Port 25 is filtered in Hansefibre B.V."],
  ["open", "Port 25 gets out of Hansefibre B.V."],
  ["partial", "Port 25 is filtered in parts of Hansefibre B.V."],
  ["intercepted", "Port 25 is intercepted in Hansefibre B.V."],
  ["inconsistent", "Port 25 gives contradictory results in Hansefibre B.V."],
  ["insufficient", "We cannot say yet whether Hansefibre B.V. lets port 25 out."],
])
  test(`verdict: ${state}`, () =>
    assert.equal(verdictOf({ ...NETWORK, state }, OTHERS).sentence, sentence));

for (const [state, sentence] of [
  ["filtered", "Port 25 is filtered beyond Hansefibre B.V."],
  ["partial", "Port 25 is filtered beyond parts of Hansefibre B.V."],
  ["intercepted", "Port 25 is intercepted beyond Hansefibre B.V."],
  ["open", "Port 25 gets out of Hansefibre B.V."],
])
  test(`verdict: ${state}, and stopped beyond the network, which is not charged`, () =>
    assert.equal(
      verdictOf({ ...NETWORK, state, stopped_in: "upstream" }, OTHERS).sentence,
      sentence,
    ));

test("my network: what is stopped beyond it is not its fault, nor is the letter's", () => {
  const beyond = { ...NETWORK, stopped_in: "upstream", upstream: 64510 };
  assert.equal(
    answerOf(beyond),
    "It is on your way out, but not your network: port 25 is filtered beyond it.",
  );
  assert.match(answerOf({ ...beyond, state: "partial" }), /but not your network/);
  assert.match(answerOf({ ...beyond, state: "intercepted" }), /^Somebody beyond your network/);
  const letter = letterOf(beyond, [beyond, ...OTHERS], "https://x.example/as/64500");
  assert.match(letter, /leaves your network and is stopped beyond it, behind AS64510: connections get no answer/);
  assert.match(letter, /Please ask there that it be opened/);
  assert.doesNotMatch(letter, /does not leave your network|Please open outbound/);
  assert.match(citeNetwork(beyond, "https://x.example", 0), /: filtered, beyond it\. /);
});

for (const [name, change, others, expected] of [
  [
    "filtered, and who is not hit",
    {},
    OTHERS,
    "Silently dropped, between the customers’ own router and the provider’s first one. A mail server here cannot deliver directly; mail programs are not affected: 587 and 465 are open.",
  ],
  [
    "a filter beyond the network is not charged to it",
    { where: "path", stopped_in: "upstream", upstream: 64510 },
    OTHERS,
    "Silently dropped, behind AS64510, beyond the network, which is not charged with it. A mail server here cannot deliver directly; mail programs are not affected: 587 and 465 are open.",
  ],
  [
    "by the hops it is inside the network",
    { where: "path", stopped_in: "own" },
    OTHERS,
    "Silently dropped, inside the network itself. A mail server here cannot deliver directly; mail programs are not affected: 587 and 465 are open.",
  ],
  [
    "by the hops it is at its border",
    { where: "path", stopped_in: "border" },
    OTHERS,
    "Silently dropped, at the border of the network. A mail server here cannot deliver directly; mail programs are not affected: 587 and 465 are open.",
  ],
  [
    "whose hops are not known is no word of the network",
    { where: "path", stopped_in: "unknown" },
    OTHERS,
    "Silently dropped, on the path to the endpoint. A mail server here cannot deliver directly; mail programs are not affected: 587 and 465 are open.",
  ],
  [
    "where somebody else answers, mail does not arrive",
    { state: "intercepted", mechanism: "redirect" },
    OTHERS,
    "Answered by a proxy, between the customers’ own router and the provider’s first one. What a mail server here sends does not reach the servers it is meant for; mail programs are not affected: 587 and 465 are open.",
  ],
  [
    "where STARTTLS is taken out, mail arrives, and can be read",
    { state: "intercepted", mechanism: "starttls-stripped", where: null },
    OTHERS,
    "STARTTLS removed. What a mail server here sends is not encrypted, and can be read on the way; mail programs are not affected: 587 and 465 are open.",
  ],
  [
    "where another key is shown, its owner can read",
    { state: "intercepted", mechanism: "tls-intercepted", where: null },
    OTHERS,
    "TLS key swapped. What a mail server here sends can be read on the way, by who shows another key; mail programs are not affected: 587 and 465 are open.",
  ],
  [
    "one of the other ports is filtered too",
    { mechanism: null },
    [OTHERS[0], { port: 465, state: "filtered" }],
    "A mail server here cannot deliver directly; for mail programs 587 is open and 465 is filtered.",
  ],
  [
    "nothing is known of the others",
    { state: "open", mechanism: "open" },
    [],
    "A mail server here can deliver directly. Of 587 and 465 we know too little.",
  ],
  [
    "too little is not a verdict",
    { state: "insufficient", vantage_points: 1 },
    OTHERS,
    "1 vantage point so far; we need at least two in different prefixes that agree.",
  ],
])
  test(`consequence: ${name}`, () =>
    assert.equal(
      verdictOf({ ...NETWORK, ...change }, others).consequence,
      expected,
    ));

const NOTED = "2026-11-27T10:31:07.120Z";
for (const [name, given, expected] of [
  [
    "a reply is the operator's",
    { at: NOTED, by: "noc@example.net", kind: "reply", text: "On purpose." },
    ["reply", "The operator says", "noc@example.net", "27 Nov 2026"],
  ],
  [
    "an objection is the operator's too, and says so",
    { at: NOTED, by: "noc@example.net", kind: "objection", text: "Not us." },
    ["objection", "The operator objects", "noc@example.net", "27 Nov 2026"],
  ],
  [
    "nobody noted who and when",
    { at: null, by: null, kind: "reply", text: "On purpose." },
    ["reply", "The operator says", "", ""],
  ],
  [
    "a remark is this collector's, by its operator's name",
    { at: NOTED, by: null, kind: "remark", text: "We asked." },
    ["remark", "This collector’s operator remarks", "Example Operators", "27 Nov 2026"],
  ],
  [
    "who made the remark, where that was noted",
    { at: NOTED, by: "kim", kind: "remark", text: "We asked." },
    ["remark", "This collector’s operator remarks", "kim", "27 Nov 2026"],
  ],
  [
    "a kind that is new is not put into the network's mouth",
    { at: NOTED, by: null, kind: "verdict", text: "They lie." },
    ["remark", "This collector’s operator remarks", "Example Operators", "27 Nov 2026"],
  ],
])
  test(`said of a network: ${name}`, () => {
    const [one] = annotationsOf({ annotations: [given] }, "Example Operators");
    assert.deepEqual([one.kind, one.heading, one.by, one.when], expected);
    assert.equal(one.text, given.text);
  });

test("said of a network: its operator comes first, an objection before a reply", () => {
  const annotations = ["remark", "reply", "objection"].map((kind) => ({ kind, text: kind }));
  assert.deepEqual(
    annotationsOf({ annotations }).map(({ kind }) => kind),
    ["objection", "reply", "remark"],
  );
  assert.deepEqual(annotationsOf({}), []);
});

test("no share where nothing is known", () => {
  assert.equal(hasShare(NETWORK), true);
  assert.equal(hasShare({ ...NETWORK, state: "insufficient" }), false);
  assert.equal(hasShare({ ...NETWORK, state: "inconsistent" }), false);
});

test("stops: how many at the same place", () => {
  const stops = [
    { where: "access", after_hop: 1, vantage_points: 13 },
    { where: "path", after_hop: 3, vantage_points: 1 },
  ];
  assert.equal(
    stopsText({ stops, vantage_points: 14 }),
    "13 of 14 vantage points stop at the same place.",
  );
  assert.equal(stopsText({ vantage_points: 14 }), "");
});

test("pages of counts add up", async () => {
  const pages = {
    "/a?x": { items: [{ day: "2", measurements: 3 }], next: "7.4.25.20781" },
    "/a?x&cursor=7.4.25.20781": {
      items: [{ day: "1", measurements: 1 }, { day: "2", measurements: 4 }],
      next: null,
    },
  };
  const { data } = await countAll("/a?x", async (path) => ({ data: pages[path], now: 1 }));
  const table = tableOf(data.items, "day");
  assert.equal(data.next, null);
  assert.deepEqual(table.xs, ["1", "2"]);
  assert.equal(table.at("2", ""), 7);
  assert.equal(table.most, 7);
});

test("counts that go on for too long say from which AS on", async () => {
  const { data } = await countAll("/a?x", async () => ({
    data: { items: [], next: "64500.6.587.20781" },
    now: 1,
  }));
  assert.equal(data.next, "64500");
});

test("what a collector does not answer is not offered", () => {
  const openapi = { paths: { "/v1/networks": {} } };
  assert.equal(answers(openapi, "/v1/networks"), true);
  assert.equal(answers(openapi, "/v1/aggregate"), false);
  assert.equal(answers(null, "/v1/networks"), false);
});

const EVENT = { at: "2026-10-19T23:59:59.999Z", family: 4, port: 25, from: "open", to: "filtered" };

for (const [name, since, events, expected] of [
  ["the verdict knows it", "2026-11-01T00:00:00Z", [EVENT], "1 Nov 2026"],
  ["an event says it", null, [EVENT], "19 Oct 2026"],
  ["it was so when we began", null, [{ ...EVENT, from: "insufficient" }], "before 19 Oct"],
  ["the event is of another port", null, [{ ...EVENT, port: 587 }], "no recent change"],
  ["the event is of another state", null, [{ ...EVENT, to: "open" }], "no recent change"],
  ["the newest event counts", null, [{ ...EVENT, to: "open" }, EVENT], "no recent change"],
])
  test(`since when: ${name}`, () =>
    assert.equal(
      sinceOf(
        { family: 4, port: 25, state: "filtered", since, since_is_first: since === null },
        events,
      ),
      expected,
    ));

test("a page of changes has the filter and the place in the list", () =>
  assert.equal(
    eventsLink({ asn: "64500", cursor: "1.a", day: "2026-11-01" }),
    "/v1/events?asn=64500&cursor=1.a&limit=200",
  ));

test("destinations: passes to some, not to others", () => {
  const seen = [
    { endpoint: "a", outcome: "reachable" },
    { endpoint: "b", outcome: "reachable" },
    { endpoint: "c", outcome: "filtered" },
  ];
  assert.equal(destinationsText(seen), "Passes to a and b; not to c.");
  assert.equal(destinationsText(seen.slice(0, 2)), "");
});

for (const [state, answer] of [
  ["filtered", "It is probably your network: port 25 is filtered there."],
  ["partial", "It may be your line: port 25 is filtered in parts of your network."],
  ["intercepted", "Somebody in your network answers in place of the mail servers."],
  ["open", "It is probably not your network: port 25 gets out there."],
  ["insufficient", "We cannot say yet."],
  ["inconsistent", "We cannot say yet."],
  [undefined, "We cannot say yet."],
])
  test(`my network: ${state}`, () =>
    assert.equal(answerOf(state && { state }), answer));

test("my network: the figures", () =>
  assert.equal(
    figuresOf(NETWORK),
    "14 of 14 vantage points in Hansefibre B.V. cannot get out on port 25, since 18 Oct 2026 (strong evidence).",
  ));

test("a relay is named only where its port is open", () => {
  assert.equal(relayPort(OTHERS, 4), 587);
  assert.equal(relayPort(OTHERS.slice(1), 4), 465);
  assert.equal(relayPort(OTHERS, 6), null);
  assert.match(relayLines(465), /wrappermode/);
  assert.doesNotMatch(relayLines(587), /wrappermode/);
});

test("the letter says what fails, what works, and since when", () => {
  const letter = letterOf(NETWORK, OTHERS, "http://x/as/64500");
  assert.match(letter, /connections get no answer, while ports 587 and 465 to the same hosts work/);
  assert.match(letter, /14 lines in AS64500 show the same since 18 Oct 2026: http:\/\/x\/as\/64500/);
  assert.doesNotMatch(letter, /blocked by|censor|law/i);
});

const TARGET = {
  probes: [
    { port: 25, mode: "starttls", outcome: "filtered", mechanism: "drop", where: "access", after_hop: 1 },
    { port: 587, mode: "starttls", outcome: "reachable", mechanism: "open" },
    { port: 443, mode: "connect", outcome: "reachable", mechanism: "open" },
  ],
  paths: [{ port: 443, reached: true, answer_ttl: 9, hops: [{ ttl: 1, zone: "home", answered: true }] }],
};

test("measurement: where the port stops, and what gets through", () =>
  assert.equal(
    sentenceOf(TARGET.probes[0], pictureOf(TARGET)),
    "Port 25 stops after hop 1; the same minute, 587 and 443 reach hop 9.",
  ));

for (const [name, probe, expected] of [
  ["open", { outcome: "reachable", mechanism: "open" }, "Port 25 gets through."],
  ["rejected", { outcome: "reachable", mechanism: "rejected" }, "Port 25 gets through; the endpoint rejects."],
  ["at a place unknown", { outcome: "filtered", mechanism: "drop", where: "network" }, "Port 25 is filtered: silently dropped in the network, at a place unknown."],
  ["the host's own", { outcome: "local", mechanism: "denied" }, "Port 25 is stopped by the measuring host itself."],
  ["the endpoint's own", { outcome: "endpoint", mechanism: "silent" }, "Port 25 does not answer as a mail server: not served there."],
  ["unknown", { outcome: "unknown", mechanism: "offline" }, "Port 25 cannot be judged: no connection."],
])
  test(`measurement: ${name}`, () => {
    const target = { probes: [{ port: 25, ...probe }], paths: [] };
    assert.equal(sentenceOf(target.probes[0], pictureOf(target)), expected);
  });

test("alibi: others got the greeting in the same hour", () => {
  assert.equal(
    alibiOf({ tried: 1204, reached: 1197, networks: 611 }, 25),
    "The endpoint was up: in the same hour 1,197 of 1,204 visits from 611 other networks got its greeting on port 25.",
  );
  assert.equal(
    alibiOf({ tried: 3, reached: 0, networks: 2 }, 25),
    "In the same hour nobody else got its greeting on port 25 either: none of 3 visits.",
  );
  assert.equal(alibiOf(null, 25), "");
});

test("changes: by day, with what the address asks for", () => {
  const at = (time) => ({ at: time });
  assert.deepEqual(
    byDay([at("2026-11-26T10:00:00Z"), at("2026-11-26T01:00:00Z"), at("2026-11-25T23:00:00Z")])
      .map(({ day, events }) => [day, events.length]),
    [["2026-11-26", 2], ["2026-11-25", 1]],
  );
  assert.equal(eventsQuery({ country: "NL", view: "x", to: "open" }), "?country=NL&to=open");
});

test("data: the default window is written out", () => {
  const cut = cutOf({ asn: "64500", port: "25" }, Date.parse("2026-11-26T12:00:00Z"));
  assert.equal(
    cutSentence(cut),
    "Measurements of AS64500 on port 25, from 28 Oct 2026 until 27 Nov 2026 (excluded), UTC.",
  );
});

test("data: counts by two axes", () => {
  const table = tableOf(
    [
      { port: 25, family: 4, measurements: 3 },
      { port: 587, family: 4, measurements: 2 },
      { port: 25, family: 6, measurements: 7 },
    ],
    "port",
    "family",
  );
  assert.deepEqual([table.xs, table.ys], [[25, 587], [4, 6]]);
  assert.equal(table.at(25, 6), 7);
  assert.equal(table.at(587, 6), 0);
  assert.equal(table.most, 7);
});

test("data: the dictionary is the API's own", () =>
  assert.deepEqual(
    columnsOf({
      paths: {
        "/v1/measurements": {
          get: {
            responses: {
              200: {
                content: {
                  "application/json": {
                    schema: { $ref: "#/components/schemas/page" },
                  },
                },
              },
            },
          },
        },
      },
      components: {
        schemas: {
          page: {
            properties: {
              items: {
                items: {
                  properties: {
                    port: { type: "integer", description: "The port." },
                    mode: { type: ["string", "null"], enum: ["tls", null] },
                  },
                },
              },
            },
          },
        },
      },
    }),
    [
      { name: "port", type: "integer", words: [], text: "The port." },
      { name: "mode", type: "string or null", words: ["tls"], text: "" },
    ],
  ));

const DAY = {
  day: "2026-11-25",
  version: 1,
  path: "/data/2026/11/25/",
  files: [
    { name: "SHA256SUMS", bytes: 300 },
    { name: "events.csv.gz", bytes: 87400 },
    { name: "networks.parquet", bytes: 1234567 },
  ],
};

test("daily files: Parquet first, the sums last, each with its address", () =>
  assert.deepEqual(
    filesOf(DAY).map(({ href }) => href),
    [
      "/data/2026/11/25/networks.parquet",
      "/data/2026/11/25/events.csv.gz",
      "/data/2026/11/25/SHA256SUMS",
    ],
  ));

for (const [bytes, expected] of [
  [9, "9\u00a0B"],
  [1500, "1.5\u00a0kB"],
  [87400, "87\u00a0kB"],
  [1234567, "1.2\u00a0MB"],
  [2e9, "2.0\u00a0GB"],
])
  test(`daily files: a size of ${bytes}`, () => assert.equal(sizeText(bytes), expected));

test("daily files: a version is said where there is more than one", () => {
  assert.equal(dayText(DAY), "25 Nov 2026");
  assert.equal(dayText({ ...DAY, version: 2 }), "25 Nov 2026, version 2");
});

test("daily files: commands and citation name the day's own address", () => {
  const origin = "https://c.example";
  assert.match(duckText(origin, DAY), /FROM 'https:\/\/c\.example\/data\/2026\/11\/25\/networks\.parquet'/);
  assert.equal(
    fetchText(origin, DAY),
    "curl -O 'https://c.example/data/2026/11/25/{SHA256SUMS,events.csv.gz,networks.parquet}' && sha256sum --check SHA256SUMS",
  );
  assert.equal(
    citationOf(origin, DAY, { operator: "Example", licence: "CC BY 4.0" }),
    "Example: egress25, measurements of 25 Nov 2026. https://c.example/data/2026/11/25/. CC BY 4.0.",
  );
});

test("a control connects, or says at which stage it did not", () => {
  assert.equal(controlText({ ended: "connect", failure: null }), "control: connects");
  assert.equal(
    controlText({ ended: "connect", failure: "timeout" }),
    "control: connect, no answer",
  );
});

test("because: a code in brackets is said in words", () => {
  assert.equal(
    becauseText("stopped inside the network (drop-reply)"),
    "Stopped inside the network (replies lost).",
  );
  assert.equal(becauseText("Missing: 2 more"), "Missing: 2 more.");
});

test("rules: a sentence for what the collector says, none for the rest", () => {
  assert.deepEqual(rulesOf({ age_days: 7, cap: 0.002 }), [
    "A vantage point enrolled less than 7 days ago can show that a network is open, not that it filters.",
  ]);
  assert.deepEqual(rulesOf({ gate: 0.001 }), [
    "Of all networks called so together, at most 0.1\u00a0% are expected to be open; the weakest verdicts are held back until that holds.",
  ]);
  assert.match(objectionOf("64500"), /^Network: AS64500\n/);
});

test("overview: what the address asks for, else 25 over IPv4", () => {
  assert.deepEqual(choiceOf({ port: "587", family: "6" }), { port: 587, family: 6 });
  assert.deepEqual(choiceOf({ port: "80", family: "5" }), { port: 25, family: 4 });
  assert.equal(listedWrong(0.2), 1);
  assert.equal(listedWrong(null), null);
});
