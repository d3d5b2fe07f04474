// SPDX-License-Identifier: Apache-2.0
// Find a network; compare many.
import { useMemo, useState } from "preact/hooks";
import { setQuery } from "../app/place.js";
import { queryText } from "../app/routes.js";
import { Glyph } from "../marks/marks.jsx";
import { Choice, Curl, Empty, Heading, Part } from "../shared/parts.jsx";
import { countryName, LEVELS, numberText, STATES } from "../shared/words.js";
import { useNetworks } from "./all.js";
import { askedHistories } from "./histories.js";
import {
  countsOf,
  drawnFrom,
  fileLink,
  filterOf,
  matches,
  NO_FILTER,
  PAGE,
  PORTS,
  portOfFilter,
  sorted,
} from "./rows.js";
import { DataTable } from "./table.jsx";

const SORTS = [
  ["", "Filtered first"],
  ["evidence", "Most evidence"],
  ["share", "Blocked share"],
  ["since", "Newest change"],
  ["name", "Name"],
];

export function Networks({ query }) {
  return <NetworkList filter={filterOf(query)} />;
}

// `fixed`: what the address of the view says already, and is no filter.
export function NetworkList({ filter, fixed }) {
  const text = JSON.stringify(filter);
  const [from, setFrom] = useState({ text, cursor: "" });
  const cursor = from.text === text ? from.cursor : "";
  const { answer, rows, large } = useNetworks(filter, cursor);
  const shown = useMemo(
    () =>
      large
        ? rows
        : sorted(rows.filter((row) => matches(row, filter)), filter),
    [rows, text, Boolean(large)],
  );
  const all = large
    ? large.total
    : rows.filter((row) => matches(row, { ...NO_FILTER, ...fixed })).length;
  const set = (change) => {
    const next = { ...filter, ...change };
    for (const name of Object.keys(fixed ?? {})) delete next[name];
    setQuery(queryText(next));
  };
  const count = (
    <span role="status">
      <b>{numberText(shown.length)}</b> of {numberText(all)} networks by address
      family
    </span>
  );
  return (
    <>
      <div class="heading across">
        {fixed ? <h2>Networks</h2> : <h1 tabindex="-1">Networks</h1>}
        {answer.data && <p class="note">{count}</p>}
        <div class="tools">
          <Choice
            label="Columns"
            values={[
              ["", "Ports"],
              ["days", "Days"],
            ]}
            value={filter.view}
            onPick={(view) => set({ view })}
          />
          <a class="button" href={fileLink(filter, "csv")} download>
            CSV
          </a>
          <a class="button" href={fileLink(filter, "jsonl")} download>
            JSONL
          </a>
          <a class="button" href={fileLink(filter, "parquet")} download>
            Parquet
          </a>
        </div>
      </div>
      <a class="skip" href="#rows">
        Skip filters
      </a>
      <Filters {...{ rows, filter, set, fixed }} isPart={Boolean(large) || !answer.data} />
      {answer.data && <Source path={answer.path} filter={filter} />}
      <div id="rows" tabindex="-1">
        <Part answer={answer} what="the networks" path={null} tall>
          {(_, now) => (
            <Rows {...{ rows, shown, filter, set, now }} isPart={Boolean(large)} />
          )}
        </Part>
        {large && (cursor || large.next) && (
          <Pages
            {...{ large, cursor }}
            go={(to) => setFrom({ text, cursor: to })}
          />
        )}
      </div>
    </>
  );
}

// Above the rows: they may be many.
function Source({ path, filter }) {
  return (
    <Curl
      path={drawnFrom(path, filter, askedHistories.value)}
      what="the networks"
    />
  );
}

// Of more networks than a page holds.
function Pages({ large, cursor, go }) {
  return (
    <p class="buttons">
      {large.next && (
        <button type="button" onClick={() => go(large.next)}>
          The next {numberText(PAGE)}
        </button>
      )}
      {cursor && (
        <button type="button" onClick={() => go("")}>
          Back to the first
        </button>
      )}
      <span class="note">Or narrow the list above, or take all as CSV.</span>
    </p>
  );
}

function Rows({ rows, shown, filter, set, now, isPart }) {
  if (rows.length === 0 && !isPart)
    return (
      <Empty title="No vantage point has reported yet.">
        <p>
          <a href="/about#add">How to add one</a>
        </p>
      </Empty>
    );
  if (shown.length === 0)
    return (
      <Empty title="No network matches.">
        <p>
          No entry means that nobody has measured there, not that mail gets
          out.
        </p>
        <button type="button" onClick={() => set(NO_FILTER)}>
          Clear all filters
        </button>
      </Empty>
    );
  return (
    <DataTable
      rows={shown}
      port={portOfFilter(filter)}
      ports={isPart ? [portOfFilter(filter)] : PORTS}
      isDays={filter.view === "days"}
      now={now}
      caption={`${shown.length} networks by address family`}
    />
  );
}

// `isPart`: the rows are not all that there are, or not there yet, so nothing is
// counted.
function Filters({ rows, filter, set, fixed, isPart }) {
  const counts = countsOf(rows, filter, "state");
  const levels = countsOf(rows, filter, "evidence");
  return (
    <form class="filters" onSubmit={(event) => event.preventDefault()}>
      <input
        type="search"
        aria-label="Find in this list: AS number, name or country"
        placeholder="AS, name, country"
        value={filter.q}
        onInput={(event) => set({ q: event.currentTarget.value })}
      />
      <fieldset>
        <legend class="hidden">State of port {portOfFilter(filter)}</legend>
        {STATES.map((state) => (
          <button
            key={state}
            type="button"
            class="chip"
            aria-pressed={filter.state === state}
            onClick={() => set({ state: filter.state === state ? "" : state })}
          >
            <Glyph state={state} /> {state}{" "}
            {!isPart && (
              <span class="soft">{numberText(counts[state] ?? 0)}</span>
            )}
          </button>
        ))}
      </fieldset>
      {!fixed && (
      <Select
        label="Port"
        value={filter.port || "25"}
        values={PORTS.map((port) => [String(port), String(port)])}
        onPick={(port) => set({ port: port === "25" ? "" : port })}
      />
      )}
      {!fixed && (
      <Select
        label="Family"
        value={filter.family}
        values={[
          ["", "both"],
          ["4", "IPv4"],
          ["6", "IPv6"],
        ]}
        onPick={(family) => set({ family })}
      />
      )}
      <Select
        label="Evidence"
        value={filter.evidence}
        values={[
          ["", "any"],
          ...LEVELS.map((level) => [
            level,
            isPart ? level : `${level} (${numberText(levels[level] ?? 0)})`,
          ]),
        ]}
        onPick={(evidence) => set({ evidence })}
      />
      {!fixed && <Countries {...{ rows, filter, set }} />}
      <Select
        label="Sort"
        value={filter.sort}
        values={SORTS}
        onPick={(sort) => set({ sort })}
      />
    </form>
  );
}

function Countries({ rows, filter, set }) {
  const values = useMemo(
    () =>
      [...new Set([...rows.map(({ country }) => country), filter.country])]
        .filter(Boolean)
        .map((code) => [code, countryName(code)])
        .sort(([, a], [, b]) => a.localeCompare(b, "en")),
    [rows, filter.country],
  );
  return (
    <Select
      label="Country"
      value={filter.country}
      values={[["", "all"], ...values]}
      onPick={(country) => set({ country })}
    />
  );
}

export function Select({ label, value, values, onPick }) {
  return (
    <label class="select">
      {label}{" "}
      <select value={value} onChange={(event) => onPick(event.currentTarget.value)}>
        {values.map(([name, text]) => (
          <option key={name} value={name}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}
