// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { ALL, drawnFrom, filterOf, listLink } from "../src/networks/rows.js";
import { curlText } from "../src/shared/curl.js";

const ORIGIN = "https://c.example";

for (const [name, paths, text] of [
  ["an address is quoted, its & is no shell's", "/v1/summary?port=25&family=4", "curl 'https://c.example/v1/summary?port=25&family=4'"],
  ["a quote in it cannot end the quotes", "/v1/networks?q='; rm x '", "curl 'https://c.example/v1/networks?q=%27;%20rm%20x%20%27'"],
  ["brackets and braces are not what curl makes of them", "/v1/networks?q=[1-9]{a,b}", "curl 'https://c.example/v1/networks?q=%5B1-9%5D%7Ba,b%7D'"],
  ["a line end cannot begin another command", "/v1/networks?q=a\nb", "curl 'https://c.example/v1/networks?q=a%0Ab'"],
  ["what is encoded stays as it was asked", "/v1/networks?q=%27&limit=1", "curl 'https://c.example/v1/networks?q=%27&limit=1'"],
  ["two answers are two commands", ["/v1/whoami", "/v1/networks/64500"], "curl 'https://c.example/v1/whoami'\ncurl 'https://c.example/v1/networks/64500'"],
  ["what was not asked is left out", [null, "/v1/networks/64500", undefined], "curl 'https://c.example/v1/networks/64500'"],
  ["a remark stays a remark", ["/v1/a", "of these:", "/v1/b"], "curl 'https://c.example/v1/a'\n# of these:\ncurl 'https://c.example/v1/b'"],
  ["nothing was asked", null, ""],
])
  test(`curl: ${name}`, () => assert.equal(curlText(paths, ORIGIN), text));

const LEFT = "of these, by port, what the filter leaves:";
const DAYS = "the days of the rows in view:";
const history = "/v1/history?keys=64500.4.25&days=60";
const listed = (query) => listLink(filterOf(query), "");

for (const [name, asked, query, of, paths] of [
  ["all networks are one address", ALL, {}, null, [ALL]],
  ["an order leaves all of them", ALL, { sort: "name", view: "days" }, null, [ALL]],
  ["a filter has the address of what it leaves", ALL, { q: "a&b", country: "DE" }, null, [ALL, LEFT, "/v1/networks?q=a%26b&country=DE&format=jsonl"]],
  ["a state is that of the port", ALL, { state: "filtered", port: "587" }, null, [ALL, LEFT, "/v1/networks?state=filtered&port=587&format=jsonl"]],
  ["where the collector filters, that address is enough", listed({ q: "x" }), { q: "x" }, null, [listed({ q: "x" })]],
  ["the strips have theirs", ALL, {}, history, [ALL, DAYS, history]],
])
  test(`the list, drawn from: ${name}`, () =>
    assert.deepEqual(drawnFrom(asked, filterOf(query), of), paths));
