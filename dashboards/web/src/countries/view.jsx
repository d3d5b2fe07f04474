// SPDX-License-Identifier: Apache-2.0
// All countries: what is filtered there, and where we are blind.
import { setQuery } from "../app/place.js";
import { queryText } from "../app/routes.js";
import { StackBar } from "../marks/marks.jsx";
import { Select } from "../networks/view.jsx";
import { choiceOf } from "../overview/figures.js";
import { useAnswer } from "../shared/api.js";
import { Ago, Empty, Heading, Part, PortAndFamily, Scroll } from "../shared/parts.jsx";
import { countText, numberText, percentText } from "../shared/words.js";
import { blindSpots, countryOf, coverageOf, sortedCountries } from "./share.js";

export function Countries({ query }) {
  const { port, family } = choiceOf(query);
  const asked = `?port=${port}&family=${family}`;
  const answer = useAnswer(`/v1/countries${asked}`);
  const other = useAnswer(`/v1/countries?port=${port}&family=6`);
  const set = (change) => setQuery(queryText({ ...query, ...change }));
  const sort = query.sort ?? "share";
  return (
    <>
      <Heading
        title="Countries"
        note="What is filtered where, and where we are blind. Coverage is grey: it says how much we know, not what happens there."
      />
      <div class="buttons">
        <PortAndFamily port={port} family={family} onPick={set} />
        <Select
          label="Sort"
          value={sort}
          values={[["share", "Share filtered"], ["coverage", "Coverage"], ["name", "Name"]]}
          onPick={(value) => set({ sort: value })}
        />
      </div>
      <Part answer={answer} what="the countries" tall>
        {({ items }, now) => {
          const countries = sortedCountries(items.map(countryOf), sort);
          if (countries.length === 0)
            return (
              <Empty title={`No vantage point has reported over IPv${family} yet.`}>
                <p>
                  So no country is known.{" "}
                  <a href="/about#add">Add a vantage point</a>
                </p>
              </Empty>
            );
          return (
            <>
              <Blind countries={countries} other={other} />
              <Scroll label="Countries">
                <Table {...{ countries, now, asked }} />
              </Scroll>
            </>
          );
        }}
      </Part>
    </>
  );
}

function Blind({ countries, other }) {
  const withIpv6 =
    other.data &&
    new Set(
      other.data.items
        .filter((item) => item.vantage_points > 0)
        .map((item) => countryOf(item).code),
    );
  const { none, one, noIpv6 } = blindSpots(countries, withIpv6);
  return (
    <div class="ways">
      <Spots title="No vantage point at all" spots={none} folded />
      <Spots title="One only" spots={one} />
      {withIpv6 && <Spots title="IPv6 missing" spots={noIpv6} />}
    </div>
  );
}

function Spots({ title, spots, folded }) {
  return (
    <div>
      <h2 class="minor">
        {title} <span class="note">{numberText(spots.length)}</span>
      </h2>
      {spots.length === 0 ? (
        <p class="note">None.</p>
      ) : (
        <details open={!folded && spots.length <= 12}>
          <summary>{countText(spots.length, "country", "countries")}</summary>
          <p>{spots.map(({ name }) => name).join(", ")}</p>
        </details>
      )}
    </div>
  );
}

function Table({ countries, now, asked }) {
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">Country</th>
          <th scope="col" class="end">
            Filter
          </th>
          <th scope="col">Networks by state</th>
          <th scope="col">Known of announced</th>
          <th scope="col" class="end">
            Vantage points
          </th>
          <th scope="col">Newest</th>
        </tr>
      </thead>
      <tbody>
        {countries.map((one) => (
          <tr key={one.code}>
            <th scope="row">
              <a href={`/country/${one.code}${asked}`}>{one.name}</a>
            </th>
            <td class="end">{percentText(one.share)}</td>
            <td class="bar">
              {one.states && (
                <StackBar states={one.states} width={140} height={12} name={one.name} />
              )}
            </td>
            <td>
              <Coverage country={one} />
            </td>
            <td class="end">{numberText(one.vantage_points ?? 0)}</td>
            <td>
              <Ago time={one.last} now={now} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

// Grey, with its denominator: never in the hue of a state.
function Coverage({ country }) {
  const { known, announced } = country;
  if (!announced) return `${numberText(known)} of an unknown number`;
  const share = Math.min(1, coverageOf(country));
  return (
    <span class="share">
      <svg width="60" height="8" aria-hidden="true">
        <rect width="60" height="8" class="f-band2" />
        <rect width={Math.max(1, share * 60)} height="8" class="f-none" />
      </svg>{" "}
      {numberText(known)} of {numberText(announced)}
    </span>
  );
}
