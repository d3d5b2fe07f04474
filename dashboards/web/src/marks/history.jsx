// SPDX-License-Identifier: Apache-2.0
import { useRef, useState } from "preact/hooks";
import { dateText, shortDate } from "../shared/time.js";
import { Area } from "./area.jsx";
import { Level, StateBadge } from "./marks.jsx";
import { runs } from "./runs.js";
import { useWidth } from "./width.js";

// A strip without axis or cursor, in a table's cell; the page has it in words
// at the network's own address.
export function Mini({ days, width = 130, height = 16 }) {
  const at = (day) => `${(day / days.length) * 100}%`;
  const drawn = runs(days);
  return (
    <svg class="mini" width={width} height={height} aria-hidden="true">
      {drawn.map((run) => (
        <Area
          key={run.from}
          x={at(run.from)}
          y={0}
          w={at(run.length)}
          h={height}
          {...run}
        />
      ))}
      {drawn.slice(1).map(({ from }) => (
        <rect key={from} x={at(from)} width="1.5" height={height} class="f-paper" />
      ))}
    </svg>
  );
}

const ROW = 18;
const STEP = 25;
const KEYS = {
  ArrowLeft: -1,
  ArrowRight: 1,
  PageUp: -7,
  PageDown: 7,
  Home: -Infinity,
  End: Infinity,
};

// `rows`: [{ key, label, days: [{ state, level, day }] }] of equal days. One
// tab stop; the day under the cursor is spelled out below it. `begin`: where
// the cursor is at first, its day as a date.
export function HistoryStrip({ rows, days, onOpen, begin = {} }) {
  const box = useRef();
  const width = useWidth(box);
  const [at, setAt] = useState({
    row: begin.row ?? 0,
    day: days.includes(begin.day) ? days.indexOf(begin.day) : days.length - 1,
  });
  const row = Math.min(at.row, rows.length - 1);
  const day = Math.min(at.day, days.length - 1);
  const labels = width < 500 ? 62 : 78;
  const step = (width - labels - 1) / days.length;
  const height = rows.length * STEP + 18;
  const move = (event) => {
    const along = KEYS[event.key];
    const across = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (event.key === "Enter") return onOpen?.(rows[row], days[day]);
    if (!along && !across) return undefined;
    event.preventDefault();
    const bound = (value, most) => Math.max(0, Math.min(most, value));
    return setAt({
      row: bound(row + (across ?? 0), rows.length - 1),
      day: bound(day + (along ?? 0), days.length - 1),
    });
  };
  const point = (event) => {
    const frame = event.currentTarget.getBoundingClientRect();
    const x = Math.floor((event.clientX - frame.left - labels) / step);
    const y = Math.floor((event.clientY - frame.top) / STEP);
    if (x < 0 || x >= days.length || y < 0 || y >= rows.length) return null;
    setAt({ row: y, day: x });
    return { row: y, day: x };
  };
  const open = (event) => {
    const found = point(event);
    if (found) onOpen?.(rows[found.row], days[found.day]);
  };
  return (
    <div class="history" ref={box}>
      <svg
        width={width}
        height={height}
        role="group"
        aria-label="Day by day: arrow keys move the day, Enter opens its measurements"
        tabindex="0"
        onKeyDown={move}
        onPointerMove={point}
        onClick={open}
      >
        {rows.map((one, i) => (
          <g key={one.key}>
            <text x="0" y={i * STEP + 13} class="label">
              {one.label}
            </text>
            {runs(one.days).map((run) => (
              <Area
                key={run.from}
                x={labels + run.from * step}
                y={i * STEP}
                w={run.length * step}
                h={ROW}
                {...run}
              />
            ))}
          </g>
        ))}
        <path d={cuts(days, rows, labels, step)} class="cuts" />
        <Axis days={days} x={labels} step={step} y={height - 4} />
        <rect
          x={labels + day * step}
          y={row * STEP - 1 < 0 ? 1 : row * STEP - 1}
          width={Math.max(4, step)}
          height={ROW}
          class="cursor"
        />
      </svg>
      <p class="day" aria-live="polite">
        <DayInWords label={rows[row].label} day={days[day]} seen={rows[row].days[day]} />
      </p>
      <HistoryTable rows={rows} days={days} />
    </div>
  );
}

function cuts(days, rows, x, step) {
  if (step < 4) return "";
  return days
    .map((_, i) => `M${(x + i * step).toFixed(1)} 0V${rows.length * STEP}`)
    .join("");
}

function Axis({ days, x, step, y }) {
  return days.map((day, i) =>
    day.endsWith("-01") ? (
      <text key={day} x={x + i * step} y={y} class="axis">
        {shortDate(day)}
      </text>
    ) : null,
  );
}

function DayInWords({ label, day, seen }) {
  return (
    <>
      <b>{dateText(day)}</b> {label}:{" "}
      {seen.state ? <StateBadge state={seen.state} /> : "no measurement"}{" "}
      {seen.level && `${seen.level} evidence`}
    </>
  );
}

function HistoryTable({ rows, days }) {
  return (
    <details>
      <summary>Same as a table</summary>
      <div class="scroll" tabindex="0" role="region" aria-label="Days as a table">
        <table>
          <thead>
            <tr>
              <th scope="col">Port</th>
              <th scope="col">From</th>
              <th scope="col">To</th>
              <th scope="col">State</th>
              <th scope="col">Evidence</th>
            </tr>
          </thead>
          <tbody>
            {rows.flatMap((row) =>
              runs(row.days).map((run) => (
                <tr key={`${row.key}/${run.from}`}>
                  <th scope="row">{row.label}</th>
                  <td>{dateText(days[run.from])}</td>
                  <td>{dateText(days[run.from + run.length - 1])}</td>
                  <td>
                    <StateBadge state={run.state} />
                  </td>
                  <td>{run.level && <Level level={run.level} />}</td>
                </tr>
              )),
            )}
          </tbody>
        </table>
      </div>
    </details>
  );
}

// `days`: [{ day, low, mid, high }], null where nothing is known.
export function ShareChart({ days }) {
  const box = useRef();
  const width = useWidth(box);
  const height = 100;
  const left = 44;
  const step = (width - left) / days.length;
  const y = (share) => 6 + (1 - share) * (height - 16);
  const known = days.filter(({ mid }) => typeof mid === "number");
  const last = known.at(-1);
  const said = last
    ? `On ${dateText(last.day)} between ${Math.round(last.low * 100)} and ${Math.round(last.high * 100)} %.`
    : "Not known on any day.";
  return (
    <div ref={box}>
      <svg width={width} height={height} role="img" aria-label={`Share of lines on which the port is blocked. ${said}`}>
        {[0, 0.5, 1].map((share) => (
          <g key={share}>
            <path d={`M${left} ${y(share)}H${width}`} class="grid" />
            <text x={left - 6} y={y(share) + 4} class="axis end">
              {share * 100} %
            </text>
          </g>
        ))}
        {days.map(({ day, low, mid, high }, i) =>
          typeof mid === "number" ? (
            <rect
              key={day}
              x={left + i * step}
              y={y(high)}
              width={step + 0.3}
              height={Math.max(1, y(low) - y(high))}
              class="f-est"
            />
          ) : null,
        )}
        <path d={stepLine(days, left, step, y)} class="estimate" />
      </svg>
    </div>
  );
}

function stepLine(days, left, step, y) {
  let pen = "M";
  return days
    .map(({ mid }, i) => {
      if (typeof mid !== "number") {
        pen = "M";
        return "";
      }
      const from = `${pen}${(left + i * step).toFixed(1)} ${y(mid).toFixed(1)}`;
      pen = "L";
      return `${from}H${(left + (i + 1) * step).toFixed(1)}`;
    })
    .join("");
}
