// SPDX-License-Identifier: Apache-2.0
// Which view an address shows. Pure. collector/pages/pages.c knows the same
// addresses: those answer 200.

const ROUTES = [
  [/^\/$/, "overview", "Overview"],
  [/^\/my-network$/, "myNetwork", "My network"],
  [/^\/networks$/, "networks", "Networks"],
  [/^\/as\/(?<asn>\d{1,10})$/, "network", "Networks"],
  [/^\/countries$/, "countries", "Countries"],
  [/^\/country\/(?<cc>[A-Z]{2})$/, "country", "Countries"],
  [/^\/changes$/, "changes", "Changes"],
  [/^\/m\/(?<report>[0-9A-Za-z-]{1,64})$/, "measurement", "Networks"],
  [/^\/data$/, "data", "Data"],
  [/^\/about$/, "about", "Methods"],
];

// { view, nav, params } of a path; the view of no address is "nowhere".
export function routeOf(path) {
  for (const [pattern, view, nav] of ROUTES) {
    const found = pattern.exec(path);
    if (found) return { view, nav, params: { ...found.groups } };
  }
  return { view: "nowhere", nav: "", params: {} };
}

// What the search box opens: an AS number its page, all else the list.
export function searchTarget(text) {
  const wanted = text.trim();
  const asn = /^(?:as)?\s*(\d{1,10})$/i.exec(wanted);
  if (asn && Number(asn[1]) < 2 ** 32) return `/as/${Number(asn[1])}`;
  return wanted ? `/networks?q=${encodeURIComponent(wanted)}` : "/networks";
}

// "?a=1&b=2" of what is not empty, in the order given.
export function queryText(values) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values))
    if (value !== "" && value !== null && value !== undefined)
      query.set(name, value);
  const text = query.toString();
  return text ? `?${text}` : "";
}

// A link within these pages: not the API's answers, not files.
export function isPage(path) {
  return routeOf(path).view !== "nowhere";
}
