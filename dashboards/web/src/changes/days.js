// SPDX-License-Identifier: Apache-2.0
// Pure.
import { queryText } from "../app/routes.js";
import { dayOf } from "../shared/time.js";

const FILTERS = ["asn", "country", "port", "family", "to", "since", "until"];

// What of the address the API is asked for.
export function eventsQuery(query) {
  return queryText(
    Object.fromEntries(FILTERS.map((name) => [name, query[name]])),
  );
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
