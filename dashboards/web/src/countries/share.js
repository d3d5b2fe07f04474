// SPDX-License-Identifier: Apache-2.0
// Countries as the views need them. Pure.
import { filteredShare, knownOf } from "../marks/stack.js";
import { countryName } from "../shared/words.js";

const THIN = 4; // fewer known networks than that are hatched on the map
const STEPS = 5;

// The API's item with name, share and how many are known.
export function countryOf(item) {
  const code = item.country;
  return {
    ...item,
    code,
    name: countryName(code),
    known: knownOf(item.states),
    share: filteredShare(item.states),
  };
}

export function sumOf(states) {
  return Object.values(states ?? {}).reduce((sum, count) => sum + count, 0);
}

// The map's step, 0 to 4, of a share.
export function stepOf(share) {
  return Math.min(STEPS - 1, Math.floor(share * STEPS));
}

// Attributes of a country on the map: five steps, hatched where few networks
// are known, plain where nobody has measured.
export function fillOf(country) {
  if (!country || country.share === null) return { class: "land" };
  const step = stepOf(country.share);
  if (country.known < THIN) return { class: "land", fill: `url(#h-b${step})` };
  return { class: `land f-b${step}` };
}

const ORDERS = {
  share: (a, b) => (b.share ?? -1) - (a.share ?? -1) || b.known - a.known,
  coverage: (a, b) => coverageOf(b) - coverageOf(a) || b.known - a.known,
  name: (a, b) => a.name.localeCompare(b.name, "en"),
};

export function coverageOf({ known, announced }) {
  return announced ? known / announced : -1;
}

export function sortedCountries(countries, sort) {
  return countries.toSorted(ORDERS[sort] ?? ORDERS.share);
}

// Where we are blind: no vantage point, one only, no IPv6.
export function blindSpots(countries, withIpv6) {
  return {
    none: countries.filter((one) => !one.vantage_points),
    one: countries.filter((one) => one.vantage_points === 1),
    noIpv6: withIpv6
      ? countries.filter((one) => one.vantage_points > 0 && !withIpv6.has(one.code))
      : [],
  };
}
