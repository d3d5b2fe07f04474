// SPDX-License-Identifier: Apache-2.0
// From the API's networks to the table's rows, one for each AS and family with
// its ports side by side; filters and order. Pure.
import { LEVELS, STATES } from "../shared/words.js";

export const PORTS = [25, 587, 465];

// All networks; narrowed here.
export const ALL = "/v1/networks?group=family&format=columns";

// The answer of group=family&format=columns.
export function rowsOfColumns({ columns }) {
  return columns.asn.map((asn, i) => ({
    key: `${asn}.${columns.family[i]}`,
    asn,
    name: columns.name[i] ?? "",
    country: columns.country[i] ?? "",
    family: columns.family[i],
    last: columns.last[i],
    vantage_points: columns.vantage_points[i],
    prefixes: columns.prefixes[i],
    endpoints: columns.endpoints[i],
    ports: Object.fromEntries(
      PORTS.map((port) => [port, portOf(columns[`p${port}`][i])]),
    ),
  }));
}

function portOf(cell) {
  if (!cell) return null;
  const [state, mechanism, level, low, mid, high, since, isFirst] = cell;
  return {
    state,
    mechanism,
    level,
    blocked_share: { low, mid, high },
    since,
    since_is_first: isFirst,
  };
}

export const NO_FILTER = {
  q: "",
  state: "",
  family: "",
  country: "",
  evidence: "",
  port: "",
  sort: "",
  view: "",
};

export function filterOf(query) {
  const filter = { ...NO_FILTER };
  for (const name of Object.keys(filter)) filter[name] = query[name] ?? "";
  return filter;
}

export const portOfFilter = (filter) => Number(filter.port) || 25;

// The ways to narrow the list, each by its name.
const TESTS = {
  q: (row, wanted) => textOf(row).includes(wanted.trim().toLowerCase()),
  state: (row, wanted, port) => (row.ports[port]?.state ?? "") === wanted,
  family: (row, wanted) => String(row.family) === wanted,
  country: (row, wanted) => row.country === wanted,
  evidence: (row, wanted, port) => row.ports[port]?.level === wanted,
};

function textOf(row) {
  row.text ??= `as${row.asn} ${row.name} ${row.country}`.toLowerCase();
  return row.text;
}

// Whether a row passes all filters but the one named `but`.
export function matches(row, filter, but = "") {
  const port = portOfFilter(filter);
  return Object.entries(TESTS).every(
    ([name, test]) =>
      name === but || !filter[name] || test(row, filter[name], port),
  );
}

// How many rows each value of `name` would leave, by the other filters.
export function countsOf(rows, filter, name) {
  const port = portOfFilter(filter);
  const counts = {};
  for (const row of rows) {
    if (!matches(row, filter, name)) continue;
    const value =
      name === "state" ? row.ports[port]?.state : row.ports[port]?.level;
    if (value) counts[value] = (counts[value] ?? 0) + 1;
  }
  return counts;
}

let collator; // made when it is needed: it takes long

const byName = (a, b) =>
  (collator ??= new Intl.Collator("en")).compare(a.name || `AS${a.asn}`, b.name || `AS${b.asn}`) ||
  a.asn - b.asn ||
  a.family - b.family;

// The later in `words`, the higher; what is not among them comes last.
const rank = (words, word) => {
  const index = words.indexOf(word);
  return index < 0 ? words.length : index;
};

const STRONG_FIRST = LEVELS.toReversed();

const ORDERS = {
  "": (port) => (a, b) =>
    rank(STATES, a.ports[port]?.state) - rank(STATES, b.ports[port]?.state) ||
    b.vantage_points - a.vantage_points,
  evidence: (port) => (a, b) =>
    rank(STRONG_FIRST, a.ports[port]?.level) -
      rank(STRONG_FIRST, b.ports[port]?.level) ||
    b.vantage_points - a.vantage_points,
  share: (port) => (a, b) => shareOf(b, port) - shareOf(a, port),
  since: (port) => (a, b) => changeOf(b, port) - changeOf(a, port),
  name: () => () => 0,
};

function shareOf(row, port) {
  const { state, blocked_share: share } = row.ports[port] ?? {};
  const isKnown = state !== "insufficient" && state !== "inconsistent";
  return isKnown && typeof share?.mid === "number" ? share.mid : -1;
}

function changeOf(row, port) {
  const { since, since_is_first: isFirst } = row.ports[port] ?? {};
  return since && !isFirst ? Date.parse(since) : -Infinity;
}

export function sorted(rows, filter) {
  const order = (ORDERS[filter.sort] ?? ORDERS[""])(portOfFilter(filter));
  return rows.toSorted((a, b) => order(a, b) || byName(a, b));
}

const ASKED = ["q", "state", "family", "country", "evidence", "sort"];

function askedOf(filter) {
  const query = new URLSearchParams();
  for (const name of ASKED) if (filter[name]) query.set(name, filter[name]);
  return query;
}

// The same rows as a file.
export function fileLink(filter, format) {
  const query = askedOf(filter);
  if (filter.state || filter.evidence) query.set("port", portOfFilter(filter));
  query.set("format", format);
  return `/v1/networks?${query}`;
}

// What the rows were drawn from: the address that was asked, and of all networks
// the one of those that the filter leaves; then that of their days.
export function drawnFrom(asked, filter, history) {
  const isNarrowed = asked === ALL && ASKED.some((name) => name !== "sort" && filter[name]);
  return [
    asked,
    ...(isNarrowed
      ? ["of these, by port, what the filter leaves:", fileLink(filter, "jsonl")]
      : []),
    ...(history ? ["the days of the rows in view:", history] : []),
  ];
}

// --- more networks than a page holds ---

const MOST = 20000;
export const PAGE = 1000;

export const isLarge = (total) => total > MOST;

// How many networks there are: "total" of the answer.
export const countLink = (filter) =>
  `/v1/networks?port=${portOfFilter(filter)}&limit=1`;

// A page of those that pass the filter, chosen and sorted by the collector.
export function listLink(filter, cursor) {
  const query = askedOf(filter);
  query.set("port", portOfFilter(filter));
  query.set("limit", PAGE);
  if (cursor) query.set("cursor", cursor);
  return `/v1/networks?${query}`;
}

// The rows of that answer; their other ports were not asked for.
export function rowsOfList({ items }, filter) {
  const port = portOfFilter(filter);
  return items.map((item) => ({
    ...item,
    key: `${item.asn}.${item.family}`,
    name: item.name ?? "",
    country: item.country ?? "",
    ports: { [port]: item },
  }));
}
