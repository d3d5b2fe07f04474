// SPDX-License-Identifier: Apache-2.0
// Pure.
import { queryText } from "../app/routes.js";
import { dayOf } from "../shared/time.js";

const FILTERS = ["asn", "country", "port", "family", "to", "since", "until"];
export const PAGE = 200;

// The page of events that the address means.
export const eventsLink = (query) =>
  `/v1/events${queryText({ ...filtersOf(query), cursor: query.cursor, limit: PAGE })}`;

// What of the address the API is asked for.
export const eventsQuery = (query) => queryText(filtersOf(query));

function filtersOf(query) {
  return Object.fromEntries(FILTERS.map((name) => [name, query[name]]));
}

// Events by day, in the order they came.
export function byDay(events) {
  const days = [];
  for (const event of events) {
    const day = dayOf(event.at);
    if (days.at(-1)?.day !== day) days.push({ day, events: [] });
    days.at(-1).events.push(event);
  }
  return days;
}
