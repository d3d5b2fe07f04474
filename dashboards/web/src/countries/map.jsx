// SPDX-License-Identifier: Apache-2.0
// The world, drawn from paths that were projected at build time.
import { go } from "../app/place.js";
import { useAnswer } from "../shared/api.js";
import { countText, percentText } from "../shared/words.js";
import { fillOf } from "./share.js";

const STEPS = ["under 20 %", "20–40 %", "40–60 %", "60–80 %", "over 80 %"];

// `countries`: of countryOf(); `marked`: the code that is pointed at.
export function WorldMap({ countries, marked, onMark, query }) {
  const world = useAnswer("/world.json");
  if (!world.data)
    return (
      <div class="waiting map" aria-busy={world.loading}>
        <p>{world.problem ? "The map could not be loaded; the list has it all." : "Loading the map…"}</p>
      </div>
    );
  const byCode = new Map(countries.map((country) => [country.code, country]));
  const { width, height, land, dots } = world.data;
  const shapeOf = (code) => ({
    ...fillOf(byCode.get(code)),
    "data-code": code,
  });
  const point = (event) => onMark(event.target.dataset?.code ?? null);
  const open = (event) => {
    const code = event.target.dataset?.code;
    if (byCode.has(code)) go(`/country/${code}${query}`);
  };
  return (
    <>
      <svg
        class="map"
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label="Map: share of known networks that filter, by country; the list beside it has the figures"
        onPointerMove={point}
        onPointerLeave={() => onMark(null)}
        onClick={open}
      >
        {land.map(([code, d], i) => (
          <path key={code || i} d={d} {...shapeOf(code)} />
        ))}
        {dots.map(([code, x, y]) => {
          const country = byCode.get(code);
          return country && country.share !== null ? (
            <circle key={code} cx={x} cy={y} r="3.5" {...shapeOf(code)} />
          ) : null;
        })}
        {land
          .filter(([code]) => code && code === marked)
          .map(([code, d]) => (
            <path key={code} d={d} class="marked" />
          ))}
        {dots
          .filter(([code]) => code === marked)
          .map(([code, x, y]) => (
            <circle key={code} cx={x} cy={y} r="6" class="marked" />
          ))}
      </svg>
      <ul class="legend steps">
        {STEPS.map((text, step) => (
          <li key={text}>
            <svg width="16" height="10" aria-hidden="true">
              <rect width="16" height="10" class={`f-b${step}`} />
            </svg>
            {text}
          </li>
        ))}
        <li>
          <svg width="16" height="10" aria-hidden="true">
            <rect width="16" height="10" fill="url(#h-b3)" />
          </svg>
          fewer than 4 networks
        </li>
        <li>
          <svg width="16" height="10" aria-hidden="true">
            <rect x="0.5" y="0.5" width="15" height="9" class="land" />
          </svg>
          nobody has measured
        </li>
      </ul>
      <p class="pointed">
        <Pointed country={byCode.get(marked)} code={marked} />
      </p>
    </>
  );
}

function Pointed({ country, code }) {
  if (!code) return "Point at a country, or read the list.";
  if (!country || country.share === null)
    return "Too little is known there.";
  return (
    <>
      <b>{country.name}</b>: {percentText(country.share)} of{" "}
      {countText(country.known, "known network")} filter.
    </>
  );
}
