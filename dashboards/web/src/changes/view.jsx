// SPDX-License-Identifier: Apache-2.0
// What became filtered or open, and when.
import { setQuery } from "../app/place.js";
import { queryText } from "../app/routes.js";
import { Select } from "../networks/view.jsx";
import { useAnswer } from "../shared/api.js";
import { ChangeList } from "../shared/changes.jsx";
import { Empty, Heading, Part } from "../shared/parts.jsx";
import { dateText } from "../shared/time.js";
import { countryName, countText, STATES } from "../shared/words.js";
import { byDay, eventsLink, eventsQuery } from "./days.js";

// What else the address narrows the list to.
function Only({ text, onClear }) {
  return (
    <button type="button" class="chip" aria-pressed="true" onClick={onClear}>
      {text} <span aria-hidden="true">×</span>
      <span class="hidden">: show all</span>
    </button>
  );
}

function NoChange({ since }) {
  const { data } = useAnswer("/v1/summary");
  return (
    <Empty
      title={`No change${since ? ` since ${dateText(since)}` : ""}.${
        data ? ` ${countText(data.networks, "network")} watched.` : ""
      }`}
    >
      <p>
        States change when the evidence does.{" "}
        <a href="/networks">The networks as they are</a>
      </p>
    </Empty>
  );
}

export function Changes({ query }) {
  const text = eventsQuery(query);
  const answer = useAnswer(eventsLink(query));
  const set = (change) => setQuery(queryText({ ...query, cursor: "", ...change }));
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
        {query.country && (
          <Only
            text={countryName(query.country)}
            onClear={() => set({ country: "" })}
          />
        )}
        {query.asn && (
          <Only text={`AS${query.asn}`} onClear={() => set({ asn: "" })} />
        )}
        <a class="button" href={`/v1/events.atom${text}`}>
          Atom feed
        </a>
      </form>
      <Part answer={answer} what="the changes" tall>
        {({ items, next }) =>
          items.length === 0 ? (
            <NoChange since={query.since} />
          ) : (
            <>
              {byDay(items).map(({ day, events }) => (
                <section key={day} class="part">
                  <h2>{dateText(day)}</h2>
                  <ChangeList events={events} named timed />
                </section>
              ))}
              <p class="buttons">
                {next && (
                  <a class="button" href={`/changes${queryText({ ...query, cursor: next })}`}>
                    Older changes
                  </a>
                )}
                {query.cursor && (
                  <a class="button" href={`/changes${text}`}>
                    The newest
                  </a>
                )}
              </p>
            </>
          )
        }
      </Part>
    </>
  );
}
