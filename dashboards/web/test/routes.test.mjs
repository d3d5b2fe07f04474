// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { isPage, queryText, routeOf, searchTarget } from "../src/app/routes.js";

// tests/unit/collector/pages/test_pages.c has the same addresses.
for (const [path, view] of [
  ["/", "overview"],
  ["/my-network", "myNetwork"],
  ["/networks", "networks"],
  ["/as/64500", "network"],
  ["/as/4200000000", "network"],
  ["/countries", "countries"],
  ["/country/NL", "country"],
  ["/changes", "changes"],
  ["/m/01930000-0000-7000-8000-000000000001", "measurement"],
  ["/data", "data"],
  ["/about", "about"],
  ["/as/", "nowhere"],
  ["/as/42000000001", "nowhere"],
  ["/as/64500/x", "nowhere"],
  ["/as/AS64500", "nowhere"],
  ["/country/NLD", "nowhere"],
  ["/country/nl", "nowhere"],
  ["/m/", "nowhere"],
  ["/networks/", "nowhere"],
  ["/nothing", "nowhere"],
])
  test(`${path} shows ${view}`, () => assert.equal(routeOf(path).view, view));

test("an address gives its parameters", () => {
  assert.deepEqual(routeOf("/as/64500").params, { asn: "64500" });
  assert.deepEqual(routeOf("/country/NL").params, { cc: "NL" });
});

for (const [text, target] of [
  ["64500", "/as/64500"],
  ["AS64500", "/as/64500"],
  [" as 64500 ", "/as/64500"],
  ["AS99999999999", "/networks?q=AS99999999999"],
  ["4294967296", "/networks?q=4294967296"],
  ["Hanse & Sons", "/networks?q=Hanse%20%26%20Sons"],
  ["", "/networks"],
])
  test(`a search for "${text}" opens ${target}`, () =>
    assert.equal(searchTarget(text), target));

test("what is empty is not in the address", () =>
  assert.equal(queryText({ q: "", state: "open", family: null }), "?state=open"));

test("the API and files are no pages", () => {
  assert.equal(isPage("/v1/networks"), false);
  assert.equal(isPage("/app.js"), false);
  assert.equal(isPage("/as/64500"), true);
});
