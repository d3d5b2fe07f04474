// SPDX-License-Identifier: Apache-2.0
// What the views say, of what the API says.
import assert from "node:assert/strict";
import { test } from "node:test";
import { objectionOf, rulesOf } from "../src/about/rules.js";
import { byDay, eventsLink, eventsQuery } from "../src/changes/days.js";
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
import {
  destinationsText,
  hasShare,
  sinceOf,
  stopsText,
  verdictOf,
} from "../src/network/verdict.js";
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

for (const [name, change, others, expected] of [
  [
    "filtered, and who is not hit",
    {},
    OTHERS,
    "Silently dropped, between the customers’ own router and the provider’s first one. A mail server here cannot deliver directly; mail programs are not affected: 587 and 465 are open.",
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
    "/a?x": { items: [{ day: "2", measurements: 3 }], next: "7" },
    "/a?x&cursor=7": {
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

test("counts that go on for too long say from where they are missing", async () => {
  const { data } = await countAll("/a?x", async () => ({
    data: { items: [], next: "64500" },
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
  ["the event is of another port", null, [{ ...EVENT, port: 587 }], "longer than we know"],
  ["the event is of another state", null, [{ ...EVENT, to: "open" }], "longer than we know"],
  ["the newest event counts", null, [{ ...EVENT, to: "open" }, EVENT], "longer than we know"],
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
  assert.doesNotMatch(alibiOf({ tried: 3, reached: 0, networks: 2 }, 25), /was up/);
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

test("rules: a sentence for what the collector says, none for the rest", () => {
  assert.deepEqual(rulesOf({ age_days: 7, cap: 0.002 }), [
    "A vantage point younger than 7 days may acquit a network, not accuse it.",
  ]);
  assert.deepEqual(rulesOf({ gate: 0.001 }), [
    "Over all accusations together, at most 0.1\u00a0% are expected to be wrong; the weakest are withheld beyond that.",
  ]);
  assert.match(objectionOf("64500"), /^Network: AS64500\n/);
});

test("overview: what the address asks for, else 25 over IPv4", () => {
  assert.deepEqual(choiceOf({ port: "587", family: "6" }), { port: 587, family: 6 });
  assert.deepEqual(choiceOf({ port: "80", family: "5" }), { port: 25, family: 4 });
  assert.equal(listedWrong(0.2), 1);
  assert.equal(listedWrong(null), null);
});
