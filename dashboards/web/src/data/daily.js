// SPDX-License-Identifier: Apache-2.0
// The files of whole days, out of /data/index.json. Pure.
import { dateText } from "../shared/time.js";

const UNITS = [
  [1e9, "GB"],
  [1e6, "MB"],
  [1e3, "kB"],
];

// "1.2 MB", "87 kB", "9 B"
export function sizeText(bytes) {
  const [size, unit] = UNITS.find(([least]) => bytes >= least) ?? [1, "B"];
  const number = bytes / size;
  return `${number < 10 && size > 1 ? number.toFixed(1) : Math.round(number)}\u00a0${unit}`;
}

const SUMS = "SHA256SUMS";

// Its name, and which version where it was written again.
export const dayText = ({ day, version }) =>
  version > 1 ? `${dateText(day)}, version ${version}` : dateText(day);

// What one comes for first: Parquet, then the rest by name; the sums last.
export function filesOf({ path, files }) {
  const order = ({ name }) =>
    name === SUMS ? 2 : name.endsWith(".parquet") ? 0 : 1;
  return files
    .map(({ name, bytes }) => ({ name, bytes, href: path + name }))
    .sort((a, b) => order(a) - order(b) || a.name.localeCompare(b.name, "en"));
}

// A question to a day's networks, without a download of the whole.
export function duckText(origin, { path }) {
  return [
    'duckdb -c "SELECT asn, name, family, state, mechanism, level',
    `  FROM '${origin}${path}networks.parquet'`,
    "  WHERE country = 'NL' AND port = 25 AND state = 'filtered'\"",
  ].join("\n");
}

// All files of a day, and whether they came whole.
export function fetchText(origin, day) {
  const names = day.files.map(({ name }) => name).join(",");
  return `curl -O '${origin}${day.path}{${names}}' && sha256sum --check ${SUMS}`;
}

export function citationOf(origin, { path, day }, about) {
  const who = about?.operator ? `${about.operator}: ` : "";
  const licence = about?.licence ? ` ${about.licence}.` : "";
  return `${who}egress25, measurements of ${dateText(day)}. ${origin}${path}.${licence}`;
}
