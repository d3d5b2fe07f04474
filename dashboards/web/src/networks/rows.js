// SPDX-License-Identifier: Apache-2.0
// From the API's networks, one for each (ASN, family, port), to the table's
// rows, one for each (ASN, family) with its ports side by side. Pure.

import { STATES } from "../shared/words.js";

export const PORTS = [25, 587, 465];

export function toRows(networks) {
  const rows = new Map();
  for (const network of networks) {
    const key = `${network.asn}/${network.family}`;
    if (!rows.has(key))
      rows.set(key, {
        key,
        asn: network.asn,
        name: network.name ?? "",
        country: network.country ?? "",
        family: network.family,
        ports: {},
        vantagePoints: 0,
        last: -Infinity,
      });
    const row = rows.get(key);
    row.ports[network.port] = network;
    row.vantagePoints = Math.max(row.vantagePoints, network.vantage_points);
    row.last = Math.max(row.last, Date.parse(network.last));
  }
  return [...rows.values()].sort(byGravity);
}

// What a visitor looks for comes first: port 25 filtered, then the rest.
function byGravity(a, b) {
  return rank(a) - rank(b) || a.asn - b.asn || a.family - b.family;
}

function rank(row) {
  const state = row.ports[25]?.state;
  const index = STATES.indexOf(state);
  return index < 0 ? STATES.length : index;
}

// `filter`: { text, state, family }, each "" where it does not filter.
export function matches(row, filter) {
  if (filter.family && String(row.family) !== filter.family) return false;
  if (
    filter.state &&
    !Object.values(row.ports).some((port) => port.state === filter.state)
  )
    return false;
  const text = filter.text.trim().toLowerCase();
  return (
    text === "" ||
    `as${row.asn} ${row.name} ${row.country}`.toLowerCase().includes(text)
  );
}
