// SPDX-License-Identifier: Apache-2.0
// Project the world for the map, once: node world.mjs > src/world.json
//
// The page has no projection code: it draws these integer paths (Equal Earth,
// turned by 11 degrees, so that no country is cut). A country that the coarse
// map does not have is a dot at its centre.
import { geoArea, geoCentroid, geoEqualEarth, geoPath } from "d3-geo";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { feature } from "topojson-client";

const WIDTH = 870;
const HEIGHT = 400;
const SMALL = 2e-5; // steradians: smaller than that nobody can point at
const ANTARCTICA = "010";

const require = createRequire(import.meta.url);

function countries(name) {
  const file = require.resolve(`world-atlas/${name}.json`);
  const world = JSON.parse(readFileSync(file, "utf8"));
  return feature(world, world.objects.countries).features.filter(
    (country) => country.id !== ANTARCTICA,
  );
}

// The two letters of a country by its number (UTS 35 knows them); "" for a
// territory that has none.
function letters(country) {
  if (!/^\d{3}$/.test(country.id ?? "")) return "";
  const [tag] = Intl.getCanonicalLocales(`und-${country.id}`);
  const region = tag.slice("und-".length);
  return /^[A-Z]{2}$/.test(region) ? region : "";
}

const coarse = countries("countries-110m");
const projection = geoEqualEarth()
  .rotate([-11, 0])
  .fitSize([WIDTH, HEIGHT], {
    type: "FeatureCollection",
    features: coarse,
  });

// Whole pixels, steps from point to point, none twice.
function outline(geometry) {
  const text = geoPath(projection).digits(0)(geometry) ?? "";
  return text
    .split("M")
    .filter(Boolean)
    .map((ring) => ringOf(ring.replace("Z", "").split("L")))
    .filter(Boolean)
    .join("");
}

function ringOf(points) {
  const at = points.map((point) => point.split(",").map(Number));
  const steps = [];
  for (let i = 1; i < at.length; i++) {
    const dx = at[i][0] - at[i - 1][0];
    const dy = at[i][1] - at[i - 1][1];
    if (dx !== 0 || dy !== 0) steps.push(`${dx} ${dy}`);
  }
  if (steps.length < 2) return "";
  return `M${at[0].join(" ")}l${steps.join(" ").replaceAll(" -", "-")}z`;
}

const land = coarse
  .map((country) => [letters(country), outline(country)])
  .filter(([, path]) => path)
  .sort(([a], [b]) => (a < b ? -1 : Number(a > b)));
const drawn = new Set(land.map(([country]) => country));

const dots = countries("countries-50m")
  .filter((country) => letters(country))
  .filter(
    (country) =>
      !drawn.has(letters(country)) || geoArea(country) < SMALL,
  )
  .map((country) => [
    letters(country),
    ...projection(geoCentroid(country)).map(Math.round),
  ])
  .filter(([, x, y]) => x >= 0 && y >= 0 && x <= WIDTH && y <= HEIGHT)
  .sort(([a], [b]) => (a < b ? -1 : Number(a > b)));

process.stdout.write(
  `${JSON.stringify({ width: WIDTH, height: HEIGHT, land, dots })}\n`,
);
