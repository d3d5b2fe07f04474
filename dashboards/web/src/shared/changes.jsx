// SPDX-License-Identifier: Apache-2.0
import { Glyph, StateBadge } from "../marks/marks.jsx";
import { clockText, dayOf, shortDate } from "./time.js";
import { controlText } from "./reports.js";
import { countText, nameOf } from "./words.js";

// State to state, one line an event. `named`: with the network it is of;
// `timed`: the day stands above already.
export function ChangeList({ events, named, timed }) {
  return (
    <ul class="changes">
      {events.map((event) => (
        <li key={event.id}>
          <time dateTime={event.at}>
            {timed ? clockText(event.at) : shortDate(event.at)}
          </time>
          <span class="arrow">
            <Glyph state={event.from} />
            <span aria-hidden="true">→</span>
            <Glyph state={event.to} />
          </span>
          <span>
            {named && (
              <>
                <a
                  href={`/as/${event.asn}?family=${event.family}&day=${dayOf(event.at)}`}
                >
                  <bdi>{nameOf(event)}</bdi>
                </a>{" "}
                <small class="mono">
                  AS{event.asn}
                  {event.country && ` · ${event.country}`}
                </small>
                <br />
              </>
            )}
            Port {event.port} IPv{event.family} went from{" "}
            {event.from ?? "not measured"} to <b>{event.to}</b>{" "}
            {event.vantage_points > 0 && (
              <small class="by">
                {countText(event.vantage_points, "vantage point")}
                {event.level && `, ${event.level} evidence`}
              </small>
            )}
          </span>
        </li>
      ))}
    </ul>
  );
}

// The newest measurements, each with the report it is of. `full`: of any
// network and port, which are then said.
export function Measurements({ rows, full }) {
  return (
    <table class="evidence">
      <thead>
        <tr>
          <th scope="col">When (UTC)</th>
          {full && <th scope="col">Network</th>}
          {full && <th scope="col">Port</th>}
          <th scope="col">Saw</th>
          <th scope="col">To</th>
          <th scope="col" class="from">
            From
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.id}>
            <td>
              <a href={`/m/${row.id.split(":")[0]}`}>
                {`${shortDate(row.at)} ${row.at.slice(11, 16)}`}
              </a>
            </td>
            {full && (
              <td>
                {row.asn ? (
                  <a href={`/as/${row.asn}?family=${row.family}`}>
                    <bdi>{row.network || `AS${row.asn}`}</bdi>
                  </a>
                ) : (
                  <span class="soft">not known</span>
                )}
              </td>
            )}
            {full && (
              <td>
                {row.port} <small>IPv{row.family}</small>
              </td>
            )}
            <td>
              {row.outcome ? (
                <StateBadge
                  state={STATE_OF_OUTCOME[row.outcome] ?? "insufficient"}
                  word={row.outcome}
                />
              ) : (
                <span class="soft">{controlText(row)}</span>
              )}
              {typeof row.after_hop === "number" && (
                <small> after hop {row.after_hop}</small>
              )}
            </td>
            <td>{row.endpoint}</td>
            <td class="mono from">{row.prefix}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const STATE_OF_OUTCOME = {
  reachable: "open",
  filtered: "filtered",
  intercepted: "intercepted",
};
