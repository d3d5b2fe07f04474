// SPDX-License-Identifier: Apache-2.0
// How much of what we see is filtered, on which port, and what changed.
import { useState } from "preact/hooks";
import { setQuery } from "../app/place.js";
import { queryText } from "../app/routes.js";
import { WorldMap } from "../countries/map.jsx";
import { countryOf, sortedCountries, sumOf } from "../countries/share.js";
import { Glyph, Legend, StackBar } from "../marks/marks.jsx";
import { filteredShare, knownOf } from "../marks/stack.js";
import { pick, programsText, serverText } from "../network/verdict.js";
import { useMyNetwork } from "../my-network/whoami.js";
import { useAnswer } from "../shared/api.js";
import { ChangeList } from "../shared/changes.jsx";
import { Curl, Empty, Failed, Part, PortAndFamily, Section } from "../shared/parts.jsx";
import { clockText, dateText } from "../shared/time.js";
import { countryName, countText, nameOf, numberText, percentText } from "../shared/words.js";
import { choiceOf, listedWrong, summaryLink } from "./figures.js";

const PURPOSES = [
  [25, "for mail servers"],
  [587, "for mail programs"],
  [465, "for mail programs, TLS"],
];

export function Overview({ query, about }) {
  const { port, family } = choiceOf(query);
  const asked = `?port=${port}&family=${family}`;
  const summary = useAnswer(summaryLink({ port, family }));
  const set = (change) =>
    setQuery(queryText({ port, family, ...change }));
  return (
    <>
      <div class="overview">
        <YourNetwork />
        <div>
          <div class="buttons">
            <PortAndFamily port={port} family={family} onPick={set} />
          </div>
          <HowMuch answer={summary} port={port} family={family} about={about} />
        </div>
      </div>
      <Where asked={asked} port={port} family={family} />
      <div class="columns">
        <WhatChanged />
        <Blind answer={summary} />
      </div>
    </>
  );
}

function HowMuch({ answer, port, family, about }) {
  const { data } = answer;
  const states = data?.states;
  const known = knownOf(states);
  if (data && known === 0)
    return (
      <>
        <h1 tabindex="-1">
          {data.last
            ? `No network is known well enough on port ${port} over IPv${family} yet.`
            : "No vantage point has reported yet."}
        </h1>
        <p>
          <a href="/about#add">Add a vantage point</a>. It needs no privilege,
          and sends no mail.
        </p>
        <Failed answer={answer} what="The summary" />
        {states && data.last && <Legend counts={states} href={(state) => listLink(state, port, family)} />}
      </>
    );
  return (
    <>
      <h1 tabindex="-1">
        {data ? (
          <>
            <span class="figure-large">{percentText(filteredShare(states))}</span>{" "}
            of the {numberText(known)} networks we know well enough filter
            outbound port {port}, wholly or in part.
          </>
        ) : (
          `How much of port ${port} is filtered`
        )}
      </h1>
      <Part answer={answer} what="the summary">
        {() => (
          <>
            <StackBar states={states} height={28} name="Networks by state" />
            <Legend counts={states} href={(state) => listLink(state, port, family)} />
            <Footing data={data} about={about} />
          </>
        )}
      </Part>
    </>
  );
}

const listLink = (state, port, family) =>
  `/networks${queryText({ state, family, port: port === 25 ? "" : port })}`;

function Footing({ data, about }) {
  const before = filteredShare(data.states_week_ago);
  const wrong = listedWrong(data.expected_wrong ?? about?.expected_wrong);
  return (
    <p class="note">
      {before !== null && `A week ago it was ${percentText(before)}. `}
      {data.vantage_points > 0 &&
        `Seen by ${countText(data.vantage_points, "vantage point")} in ${countText(data.countries, "country", "countries")}. `}
      {data.last && `Last report ${dateText(data.last)}, ${clockText(data.last)} UTC. `}
      {wrong !== null &&
        `Of the networks listed as filtered we expect at most ${wrong} to be wrong. `}
      <a href="/about#decide">How we decide</a>
    </p>
  );
}

function YourNetwork() {
  const mine = useMyNetwork({}, true);
  return (
    <aside class="yours" aria-label="Your network">
      <h2>Your network</h2>
      <Yours mine={mine} />
      <Curl path={mine.paths} what="your network" />
      <p class="note">
        Told by the address that you come from. Nothing is stored.
      </p>
    </aside>
  );
}

function Yours({ mine }) {
  if (mine.loading)
    return (
      <p class="waiting" aria-busy="true">
        Loading your network…
      </p>
    );
  if (!mine.asn)
    return (
      <>
        <Failed answer={mine.failed} what="Your network" />
        {!mine.failed.problem && (
          <p>
            We do not know the network you come from (address not in the
            database).
          </p>
        )}
        <p class="buttons">
          <a class="button first" href="/my-network">
            What you can do
          </a>
        </p>
      </>
    );
  const ofFamily = mine.networks.filter((one) => one.family === mine.family);
  return (
    <>
      <p class="who">
        <a href={`/as/${mine.asn}?family=${mine.family}`}>{nameOf(mine)}</a>
        <small>
          <span class="mono">AS{mine.asn}</span>
          {mine.country && ` · ${countryName(mine.country)}`} · IPv{mine.family}
        </small>
      </p>
      <ul class="ports">
        {PURPOSES.map(([port, purpose]) => {
          const state = pick(mine.networks, port, mine.family)?.state ?? null;
          return (
            <li key={port}>
              <b>{port}</b> <Glyph state={state} />{" "}
              <b>{state ?? "not measured"}</b> <small>{purpose}</small>
            </li>
          );
        })}
      </ul>
      <p>{hitText(pick(mine.networks, 25, mine.family), ofFamily)}</p>
      <p class="buttons">
        <a class="button first" href="/my-network">
          What you can do
        </a>
      </p>
    </>
  );
}

function hitText(network, others) {
  const servers = {
    filtered: serverText,
    intercepted: serverText,
    partial: () => "Whether a mail server here can deliver depends on its line",
    open: () => "A mail server here can deliver directly",
  };
  const say = servers[network?.state];
  if (!say) return "We cannot say yet whether port 25 gets out here.";
  return `${say(network)}. ${programsText(others)}`;
}

function Where({ asked, port, family }) {
  const answer = useAnswer(`/v1/countries${asked}`);
  const [marked, mark] = useState(null);
  return (
    <Section
      title={`Where port ${port} is filtered`}
      note={`share of known networks, IPv${family}`}
    >
      <Part answer={answer} what="the countries" tall>
        {({ items }) => {
          const countries = sortedCountries(items.map(countryOf), "share");
          return (
            <div class="where">
              <div>
                <WorldMap countries={countries} marked={marked} onMark={mark} query={asked} />
              </div>
              <CountryList {...{ countries, marked, mark, asked }} />
            </div>
          );
        }}
      </Part>
    </Section>
  );
}

const LISTED = 13;
const KNOWN_LEAST = 8;

function CountryList({ countries, marked, mark, asked }) {
  const known = countries.filter((one) => one.known >= KNOWN_LEAST);
  const shown = known.slice(0, LISTED);
  return (
    <div>
      {shown.length === 0 ? (
        <Empty title={`No country has ${KNOWN_LEAST} known networks yet.`} />
      ) : (
        <table class="tight">
          <caption>Countries with at least {KNOWN_LEAST} known networks</caption>
          <thead>
            <tr>
              <th scope="col">Country</th>
              <th scope="col" class="end">
                Filter
              </th>
              <th scope="col">Networks by state</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((one) => (
              <tr
                key={one.code}
                class={one.code === marked ? "is-marked" : ""}
                onPointerEnter={() => mark(one.code)}
                onPointerLeave={() => mark(null)}
              >
                <th scope="row">
                  <a
                    href={`/country/${one.code}${asked}`}
                    onFocus={() => mark(one.code)}
                    onBlur={() => mark(null)}
                  >
                    {one.name}
                  </a>
                </th>
                <td class="end">{percentText(one.share)}</td>
                <td class="bar">
                  <StackBar states={one.states} width={110} height={12} name={one.name} />{" "}
                  {sumOf(one.states)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <p>
        <a href="/countries">All {countText(countries.length, "country", "countries")}</a>
      </p>
    </div>
  );
}

function WhatChanged() {
  const answer = useAnswer("/v1/events?limit=6");
  return (
    <Section
      title="What changed"
      links={
        <>
          <a class="note" href="/changes">
            All changes
          </a>
          <a class="note" href="/v1/events.atom">
            Atom feed
          </a>
        </>
      }
    >
      <Part answer={answer} what="the changes">
        {({ items }) =>
          items.length ? (
            <ChangeList events={items} named />
          ) : (
            <p>Nothing has changed yet.</p>
          )
        }
      </Part>
    </Section>
  );
}

function Blind({ answer }) {
  return (
    <Section
      title="Where we are blind"
      links={
        <a class="note" href="/countries?sort=coverage">
          Coverage
        </a>
      }
    >
      <Part answer={answer} what="the coverage">
        {({ single_vantage: single, countries, ipv6_share: ipv6 }) => (
          <>
            {typeof single === "number" && (
              <p>
                <b class="figure-small">{numberText(single)}</b>{" "}
                {single === 1 ? "network has" : "networks have"} a single
                vantage point: too little to say anything.
              </p>
            )}
            {typeof countries === "number" && (
              <p>
                <b class="figure-small">{numberText(countries)}</b>{" "}
                {countries === 1 ? "country has" : "countries have"} a vantage
                point. An empty place on the map is not an open one.
              </p>
            )}
            {typeof ipv6 === "number" && (
              <p>
                IPv6 is known for <b class="figure-small">{percentText(ipv6)}</b>{" "}
                of the networks known over IPv4.
              </p>
            )}
            {typeof single !== "number" && typeof ipv6 !== "number" && (
              <p>An empty place on the map is not an open one.</p>
            )}
          </>
        )}
      </Part>
      <p class="buttons">
        <a class="button" href="/about#add">
          Add a vantage point
        </a>
      </p>
    </Section>
  );
}
