// SPDX-License-Identifier: Apache-2.0
// Which networks of this country filter?
import { setQuery } from "../app/place.js";
import { queryText } from "../app/routes.js";
import { countryOf, sumOf } from "../countries/share.js";
import { Legend, StackBar } from "../marks/marks.jsx";
import { filterOf } from "../networks/rows.js";
import { NetworkList } from "../networks/view.jsx";
import { choiceOf } from "../overview/figures.js";
import { useAnswer } from "../shared/api.js";
import { ChangeList } from "../shared/changes.jsx";
import { Crumbs, Empty, Part, PortAndFamily, Section } from "../shared/parts.jsx";
import { countryName, countText, numberText } from "../shared/words.js";
import { DailySteps } from "./steps.jsx";

export function Country({ params, query }) {
  const { cc } = params;
  const { port, family } = choiceOf(query);
  const asked = `?port=${port}&family=${family}`;
  const answer = useAnswer(`/v1/countries/${cc}${asked}`);
  const name = countryName(cc);
  const set = (change) => setQuery(queryText({ ...query, ...change }));
  const country = answer.data && countryOf(answer.data);
  const isUnknown = country && sumOf(country.states) === 0;
  return (
    <>
      <Crumbs items={[["Countries", "/countries"], [name]]} />
      <h1 tabindex="-1">{headingOf(name, isUnknown ? null : country, port)}</h1>
      <div class="buttons">
        <PortAndFamily port={port} family={family} onPick={set} />
      </div>
      {isUnknown ? (
        <Empty title={`${name}: nobody has measured here over IPv${family}.`}>
          <p>
            That says nothing about its networks.{" "}
            <a href="/about#add">Add a vantage point</a>
          </p>
        </Empty>
      ) : (
        <Part answer={answer} what={name}>
          {() => (
            <Now
              country={country}
              href={(state) =>
                `/country/${cc}${queryText({ port, family, state })}`
              }
            />
          )}
        </Part>
      )}
      {!isUnknown && <Daily cc={cc} asked={asked} />}
      {!isUnknown && (
        <NetworkList
          filter={{
            ...filterOf(query),
            country: cc,
            family: String(family),
            port: port === 25 ? "" : String(port),
          }}
          fixed={{ country: cc }}
        />
      )}
      <CountryChanges cc={cc} asked={asked} />
    </>
  );
}

function headingOf(name, country, port) {
  if (!country) return name;
  const { states, known } = country;
  const hit = (states?.filtered ?? 0) + (states?.partial ?? 0);
  return `${name}: ${hit} of ${countText(known, "known network")} filter port ${port}.`;
}

function Now({ country, href }) {
  const { states, known, announced, vantage_points: points } = country;
  return (
    <>
      <StackBar states={states} height={24} name="Networks by state" />
      <Legend counts={states} href={href} />
      <p class="note">
        {announced
          ? `${numberText(known)} of ${countText(announced, "network")} announced here are known well enough. `
          : ""}
        {typeof points === "number" && `${countText(points, "vantage point")}.`}
      </p>
    </>
  );
}

function Daily({ cc, asked }) {
  const answer = useAnswer(`/v1/countries/${cc}/history${asked}&days=90`);
  return (
    <Section title="Day by day" note="networks by state, UTC">
      <Part answer={answer} what="the history" tall>
        {({ items }) =>
          items.length ? (
            <DailySteps days={items.map((item) => ({ ...item, day: item.day.slice(0, 10) }))} />
          ) : (
            <p>No day has been published yet.</p>
          )
        }
      </Part>
    </Section>
  );
}

function CountryChanges({ cc, asked }) {
  const answer = useAnswer(`/v1/events${asked}&country=${cc}&limit=12`);
  return (
    <Section
      title="Changes"
      links={
        <a class="note" href={`/changes?country=${cc}`}>
          All changes
        </a>
      }
    >
      <Part answer={answer} what="the changes">
        {({ items }) =>
          items.length ? <ChangeList events={items} named /> : <p>No change yet.</p>
        }
      </Part>
    </Section>
  );
}
