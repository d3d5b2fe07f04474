// SPDX-License-Identifier: Apache-2.0
// Any cut of the data, as table, chart, file and command.
import { setQuery } from "../app/place.js";
import { queryText } from "../app/routes.js";
import { Select } from "../networks/view.jsx";
import { get, useAnswer } from "../shared/api.js";
import { Measurements } from "../shared/changes.jsx";
import { curlText } from "../shared/curl.js";
import { Copy, Empty, Heading, Part, Scroll, Section } from "../shared/parts.jsx";
import { capital, numberText } from "../shared/words.js";
import { DailyFiles } from "./daily.jsx";
import { answers } from "./dictionary.js";
import { Dictionary } from "./dictionary.jsx";
import {
  AXES,
  axesText,
  axisText,
  countAll,
  cutOf,
  measurementsLink,
  sentenceOf,
  tableOf,
  valueText,
} from "./filters.js";

const OUTCOMES = [
  "reachable",
  "filtered",
  "intercepted",
  "local",
  "endpoint",
  "unknown",
];

export function Data({ query, about }) {
  const cut = cutOf(query, Date.now());
  const set = (change) => setQuery(queryText({ ...query, ...change }));
  const api = useAnswer("/openapi.json");
  const counts = answers(api.data, "/v1/aggregate");
  return (
    <>
      <Heading title="Data" note={sentenceOf(cut)} />
      <Form query={query} cut={cut} set={set} counts={counts} />
      {counts && <Chart query={query} cut={cut} />}
      <Rows cut={cut} />
      <Files cut={cut} />
      <DailyFiles about={about} />
      <Dictionary answer={api} />
      <Section title="Licence and versions">
        <p>
          {about?.licence
            ? `The data are under ${about.licence}. `
            : "This collector’s operator has not said under what licence. "}
          {about?.software && `Served by ${about.software}.`}
        </p>
      </Section>
    </>
  );
}

// `counts`: this collector counts by axes.
function Form({ query, cut, set, counts }) {
  return (
    <form class="filters" onSubmit={(event) => event.preventDefault()}>
      <Field label="AS number" value={cut.asn} onPick={(asn) => set({ asn: asn.replace(/\D/g, "") })} />
      <Field
        label="Country"
        value={cut.country}
        onPick={(country) => set({ country: country.trim().toUpperCase() })}
      />
      <Select
        label="Port"
        value={cut.port}
        values={[["", "all"], ["25", "25"], ["587", "587"], ["465", "465"]]}
        onPick={(port) => set({ port })}
      />
      <Select
        label="Family"
        value={cut.family}
        values={[["", "both"], ["4", "IPv4"], ["6", "IPv6"]]}
        onPick={(family) => set({ family })}
      />
      <Select
        label="Outcome"
        value={cut.outcome}
        values={[["", "any"], ...OUTCOMES.map((word) => [word, word])]}
        onPick={(outcome) => set({ outcome })}
      />
      <Field label="Since" type="date" value={cut.since} onPick={(since) => set({ since })} />
      <Field
        label="Until (excluded)"
        type="date"
        value={cut.until}
        onPick={(until) => set({ until })}
      />
      {counts && (
        <Select
          label="Count by"
          value={query.axis_x ?? ""}
          values={[["", "nothing"], ...AXES.map((axis) => [axis, axisText(axis)])]}
          onPick={(axis) => set({ axis_x: axis, axis_y: axis ? query.axis_y : "" })}
        />
      )}
      {counts && query.axis_x && (
        <Select
          label="and by"
          value={query.axis_y ?? ""}
          values={[
            ["", "nothing"],
            ...AXES.filter((axis) => axis !== query.axis_x).map((axis) => [
              axis,
              axisText(axis),
            ]),
          ]}
          onPick={(axis) => set({ axis_y: axis })}
        />
      )}
    </form>
  );
}

function Field({ label, value, onPick, type = "text" }) {
  return (
    <label class="select">
      {label}{" "}
      <input
        type={type}
        value={value}
        size={type === "text" ? 10 : undefined}
        onChange={(event) => onPick(event.currentTarget.value)}
      />
    </label>
  );
}

function Chart({ query, cut }) {
  const { axis_x: x, axis_y: y } = query;
  const answer = useAnswer(
    x ? `/v1/aggregate${queryText({ axis_x: x, axis_y: y, ...cut })}` : null,
    (path) => countAll(path, get),
  );
  if (!x) return null;
  return (
    <Section title={`Counted by ${axesText([x, y])}`}>
      <Part answer={answer} what="the counts" tall>
        {({ items, next }) =>
          items.length === 0 ? (
            <Empty title="No measurement matches." />
          ) : (
            <>
              {next && (
                <p>
                  <b>Networks from AS{next} on are not all counted here.</b>{" "}
                  Narrow the cut for all of it.
                </p>
              )}
              <Counts table={tableOf(items, x, y)} x={x} y={y} />
            </>
          )
        }
      </Part>
    </Section>
  );
}

// The table is the chart: each cell has its bar, in grey, since a count is no
// state.
function Counts({ table, x, y }) {
  const { xs, ys, at, most } = table;
  return (
    <Scroll label="Counts">
      <table>
        <thead>
          <tr>
            <th scope="col">{capital(axisText(x))}</th>
            {ys.map((value) => (
              <th scope="col" key={value}>
                {y ? capital(valueText(y, value)) : "Measurements"}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {xs.map((value) => (
            <tr key={value}>
              <th scope="row">{valueText(x, value)}</th>
              {ys.map((other) => (
                <td key={other}>
                  <span class="share">
                    <svg width="80" height="8" aria-hidden="true">
                      <rect width={(at(value, other) / most) * 80} height="8" class="f-none" />
                    </svg>{" "}
                    {numberText(at(value, other))}
                  </span>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function Rows({ cut }) {
  const answer = useAnswer(measurementsLink(cut, { limit: 50 }));
  return (
    <Section title="Measurements" note="the newest 50">
      <Part answer={answer} what="the measurements" tall>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="No measurement matches.">
              <p>
                No row means that nobody measured, not that mail gets out.
              </p>
            </Empty>
          ) : (
            <Scroll label="Measurements">
              <Measurements rows={items} full />
            </Scroll>
          )
        }
      </Part>
    </Section>
  );
}

function Files({ cut }) {
  const csv = measurementsLink(cut, { format: "csv" });
  return (
    <Section title="Take it away">
      <p class="buttons">
        <a class="button" href={csv} download>
          CSV
        </a>
        <a class="button" href={measurementsLink(cut, { format: "jsonl" })} download>
          JSON Lines
        </a>
        <a class="button" href="/openapi.json">
          The API’s description
        </a>
      </p>
      <Copy text={curlText(csv, location.origin)} what="The same by curl" />
    </Section>
  );
}
