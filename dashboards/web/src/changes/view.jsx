// SPDX-License-Identifier: Apache-2.0
// What became filtered or open, and when.
import { setQuery } from "../app/place.js";
import { queryText } from "../app/routes.js";
import { Select } from "../networks/view.jsx";
import { useAnswer } from "../shared/api.js";
import { ChangeList } from "../shared/changes.jsx";
import { Empty, Heading, Part } from "../shared/parts.jsx";
import { DAY_MS, dateText, dayOf } from "../shared/time.js";
import { STATES } from "../shared/words.js";
import { byDay, eventsQuery } from "./days.js";

export function Changes({ query }) {
  const text = eventsQuery(query);
  const answer = useAnswer(`/v1/events${text}${text ? "&" : "?"}limit=200`);
  const set = (change) => setQuery(queryText({ ...query, ...change }));
  return (
    <>
      <Heading
        title="Changes"
        note="What became filtered or open, by the day it was published."
      />
      <form class="filters" onSubmit={(event) => event.preventDefault()}>
        <Select
          label="Port"
          value={query.port ?? ""}
          values={[["", "all"], ["25", "25"], ["587", "587"], ["465", "465"]]}
          onPick={(port) => set({ port })}
        />
        <Select
          label="Family"
          value={query.family ?? ""}
          values={[["", "both"], ["4", "IPv4"], ["6", "IPv6"]]}
          onPick={(family) => set({ family })}
        />
        <Select
          label="Became"
          value={query.to ?? ""}
          values={[["", "anything"], ...STATES.map((state) => [state, state])]}
          onPick={(to) => set({ to })}
        />
        <a class="button" href={`/v1/events.atom${text}`}>
          Atom feed
        </a>
      </form>
      <Part answer={answer} what="the changes" tall>
        {({ items }, now) =>
          items.length === 0 ? (
            <Empty title={`No change since ${dateText(query.since ?? dayOf(now - 30 * DAY_MS))}.`}>
              <p>
                States change when the evidence does.{" "}
                <a href="/networks">The networks as they are</a>
              </p>
            </Empty>
          ) : (
            byDay(items).map(({ day, events }) => (
              <section key={day} class="part">
                <h2>{dateText(day)}</h2>
                <ChangeList events={events} named />
              </section>
            ))
          )
        }
      </Part>
    </>
  );
}
