// SPDX-License-Identifier: Apache-2.0
// The marks of a state and of what stands behind it. A mark without a word
// beside it has its name; one with a word is hidden from readers aloud.
import {
  intervalText,
  LEVELS,
  briefMechanismText,
  mechanismText,
  numberText,
  stateMeaning,
  STATES,
} from "../shared/words.js";
import { Area } from "./area.jsx";
import { stackOf } from "./stack.js";

export function Glyph({ state, size = 16, name }) {
  const role = name
    ? { role: "img", "aria-label": name }
    : { "aria-hidden": "true" };
  return (
    <svg class="glyph" width={size} height={size} viewBox="0 0 16 16" {...role}>
      <use href={`#g-${state ?? "none"}`} />
    </svg>
  );
}

// The word is the value of the API: the state, or the `word` of an outcome with
// the glyph of its kind. `compact`: the glyph alone, named.
// `brief`: in a narrow cell.
export function StateBadge({ state, mechanism, compact, brief, word: given }) {
  const word = given ?? state ?? "not measured";
  if (compact) return <Glyph state={state} name={word} />;
  return (
    <span class="badge" data-state={state ?? "none"}>
      <Glyph state={state} />
      <span class={state === "filtered" ? "word strong" : "word"}>
        {word}
        {mechanism && mechanism !== "open" && (
          <small>
            {brief ? briefMechanismText(mechanism) : mechanismText(mechanism)}
          </small>
        )}
      </span>
    </span>
  );
}

const bar = (_, i) => `M${i * 5 + 0.5} ${8.5 - 4 * i}h3v${3 + 4 * i}h-3z`;
const BARS = LEVELS.map(bar);

// Three rising bars and the word. Two paths, not a mark a bar: a long table has many.
export function Level({ level }) {
  const full = LEVELS.indexOf(level) + 1;
  return (
    <span class="level">
      <svg width="14" height="12" viewBox="0 0 14 12" aria-hidden="true">
        {full > 0 && <path d={BARS.slice(0, full).join("")} class="full" />}
        {full < BARS.length && <path d={BARS.slice(full).join("")} class="hollow" />}
      </svg>{" "}
      {level ?? "too little"}
    </span>
  );
}

// The estimate as a tick, its interval as a grey band, on a rule of 0-100 %.
export function ShareBar({ low, mid, high, state, width = 96 }) {
  const inner = width - 4;
  const at = (share) => 2 + share * inner;
  return (
    <span class="share">
      <svg width={width} height="12" aria-hidden="true">
        <path
          d={`M2 6.5H${width - 2}M2.5 4v5M${width / 2 + 0.5} 5v3M${width - 2.5} 4v5`}
          class="rule"
        />
        <rect
          x={at(low)}
          y="3.5"
          width={Math.max(1, at(high) - at(low))}
          height="6"
          class="f-est"
        />
        <rect
          x={Math.max(0, at(mid) - 1.25)}
          y="0.5"
          width="2.5"
          height="11"
          class={state === "open" || state === "filtered" ? `f-${state}` : "f-ink"}
        />
      </svg>{" "}
      {intervalText(low, high)}
    </span>
  );
}

// Counts by state as one bar.
export function StackBar({ states, height = 16, width, name }) {
  const parts = stackOf(states);
  const said = parts.map(({ state, count }) => `${count} ${state}`).join(", ");
  return (
    <svg
      class="stack"
      width={width ?? "100%"}
      height={height}
      role="img"
      aria-label={name ? `${name}: ${said}` : said}
    >
      {parts.map(({ state, from, share }) => (
        <Area
          key={state}
          x={`${from * 100}%`}
          w={`${share * 100}%`}
          y={0}
          h={height}
          state={state}
          level="strong"
        />
      ))}
      {parts.slice(1).map(({ state, from }) => (
        <rect
          key={state}
          x={`${from * 100}%`}
          width="2"
          height={height}
          class="f-paper"
        />
      ))}
    </svg>
  );
}

// The states with their counts, each a link to the networks behind it.
export function Legend({ counts, href }) {
  return (
    <ul class={counts ? "legend counted" : "legend"}>
      {STATES.map((state) => (
        <li key={state}>
          <Glyph state={state} />
          <span>
            {counts ? (
              <a href={href(state)}>
                <b>{numberText(counts[state] ?? 0)}</b> {state}
              </a>
            ) : (
              state
            )}
            {counts && <small>{stateMeaning(state)}</small>}
          </span>
        </li>
      ))}
      {!counts &&
        LEVELS.toReversed().map((level) => (
          <li key={level}>
            <svg width="16" height="12" aria-hidden="true">
              <Area x={0} y={0} w={16} h={12} state="filtered" level={level} />
            </svg>
            <span>{level}</span>
          </li>
        ))}
    </ul>
  );
}
