// SPDX-License-Identifier: Apache-2.0
import { useAnswer } from "../shared/api.js";
import { Copy, Part, Scroll, Section } from "../shared/parts.jsx";
import { citationOf, dayText, duckText, fetchText, filesOf, sizeText } from "./daily.js";

const SHOWN = 7; // days

export function DailyFiles({ about }) {
  const answer = useAnswer(
    about?.daily_files ? `/data/index.json?limit=${SHOWN}` : null,
  );
  const isNone =
    about?.daily_files === false || answer.data?.items.length === 0;
  return (
    <Section title="Whole days" note="Parquet and CSV, with checksums" id="days">
      {isNone ? (
        <p>
          This collector offers no daily files. What is above can be taken as
          CSV and JSON Lines.
        </p>
      ) : (
        <Part answer={answer} what="the daily files">
          {({ items }) => <Days days={items} about={about} />}
        </Part>
      )}
    </Section>
  );
}

function Days({ days, about }) {
  const { origin } = location;
  const [newest] = days;
  return (
    <>
      <Scroll label="Files of whole days">
        <table class="files">
          <thead>
            <tr>
              <th scope="col">Day (UTC)</th>
              <th scope="col">Files</th>
            </tr>
          </thead>
          <tbody>
            {days.map((day) => (
              <tr key={day.path}>
                <th scope="row">
                  <a href={day.path}>{dayText(day)}</a>
                </th>
                <td>
                  {filesOf(day).map(({ name, bytes, href }) => (
                    <span class="file" key={name}>
                      <a href={href} download>
                        {name}
                      </a>{" "}
                      <small>{sizeText(bytes)}</small>
                    </span>
                  ))}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      <p class="note">
        <a href="/data/">All days</a>, <a href="/data/index.json">as JSON</a>. A
        day is written once it is over, and stays as it is.
      </p>
      <h3>Ask without a download</h3>
      <Copy text={duckText(origin, newest)} what="A question by DuckDB" />
      <h3>Take a day, and check it</h3>
      <Copy text={fetchText(origin, newest)} what="Fetch and check" />
      <h3>Cite</h3>
      <Copy text={citationOf(origin, newest, about)} what="Citation" />
    </>
  );
}
