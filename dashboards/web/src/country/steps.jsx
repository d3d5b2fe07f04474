// SPDX-License-Identifier: Apache-2.0
import { useRef } from "preact/hooks";
import { stackOf } from "../marks/stack.js";
import { Area } from "../marks/area.jsx";
import { useWidth } from "../marks/width.js";
import { dateText, shortDate } from "../shared/time.js";
import { Scroll } from "../shared/parts.jsx";
import { STATES } from "../shared/words.js";

const HEIGHT = 150;

// Networks by state, a column a day. `days`: [{ day, states }].
export function DailySteps({ days }) {
  const box = useRef();
  const width = useWidth(box);
  const sums = days.map(({ states }) =>
    STATES.reduce((sum, state) => sum + (states?.[state] ?? 0), 0),
  );
  const most = Math.max(1, ...sums);
  const left = 40;
  const step = (width - left) / days.length;
  return (
    <div ref={box}>
      <svg width={width} height={HEIGHT + 20} role="img" aria-label={`Networks by state, ${days.length} days; the table below has the figures`}>
        {[0, most].map((count) => (
          <g key={count}>
            <path d={`M${left} ${HEIGHT - (count / most) * (HEIGHT - 10)}H${width}`} class="grid" />
            <text x={left - 6} y={HEIGHT - (count / most) * (HEIGHT - 10) + 4} class="axis end">
              {count}
            </text>
          </g>
        ))}
        {days.map(({ day, states }, i) =>
          stackOf(states, most).map(({ state, from, share }) => (
            <Area
              key={`${day}${state}`}
              x={left + i * step}
              y={HEIGHT - (from + share) * (HEIGHT - 10) + 0.75}
              w={Math.max(1, step - 0.75)}
              h={Math.max(0.8, share * (HEIGHT - 10) - 1.5)}
              state={state}
            />
          )),
        )}
        {days.map(({ day }, i) =>
          day.endsWith("-01") ? (
            <text key={day} x={left + i * step} y={HEIGHT + 16} class="axis">
              {shortDate(day)}
            </text>
          ) : null,
        )}
      </svg>
      <details>
        <summary>Same as a table</summary>
        <Scroll label="Networks by state and day">
          <table>
            <thead>
              <tr>
                <th scope="col">Day</th>
                {STATES.map((state) => (
                  <th scope="col" class="end" key={state}>
                    {state}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {days.map(({ day, states }) => (
                <tr key={day}>
                  <th scope="row">{dateText(day)}</th>
                  {STATES.map((state) => (
                    <td class="end" key={state}>
                      {states?.[state] ?? 0}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      </details>
    </div>
  );
}
