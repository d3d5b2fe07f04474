// SPDX-License-Identifier: Apache-2.0
// What the world sees of an AS, since when, and on what evidence.
import { useMemo, useState } from "preact/hooks";
import { go, setQuery } from "../app/place.js";
import { queryText } from "../app/routes.js";
import { HistoryStrip, ShareChart } from "../marks/history.jsx";
import { Legend, Level, ShareBar, StateBadge } from "../marks/marks.jsx";
import { placeDays } from "../marks/runs.js";
import { PathDiagram, PathWords } from "../path/diagram.jsx";
import { pictureOf } from "../path/lane.js";
import { targetsOf, typicalReport } from "../path/report.js";
import { useAnswer } from "../shared/api.js";
import { ChangeList, Measurements } from "../shared/changes.jsx";
import { onePerReport } from "../shared/reports.js";
import {
  Ago,
  Choice,
  Copy,
  Crumbs,
  Curl,
  Empty,
  Facts,
  Failed,
  Heading,
  Part,
  Scroll,
  Section,
  Verdict,
} from "../shared/parts.jsx";
import { DAY_MS, dateText, dayOf, daysBetween } from "../shared/time.js";
import {
  countryName,
  countText,
  evidenceText,
  nameOf,
  numberText,
  reachText,
} from "../shared/words.js";
import { useNarrow } from "../shared/narrow.js";
import { annotationsOf } from "./annotations.js";
import {
  becauseText,
  citationOf,
  destinationsText,
  hasShare,
  pick,
  sinceOf,
  stopsText,
  verdictOf,
} from "./verdict.js";

const PORTS = [25, 587, 465];

export function Network({ params, query, about }) {
  const { asn } = params;
  const answer = useAnswer(`/v1/networks/${asn}`);
  if (answer.loading)
    return (
      <>
        <Heading title={`AS${asn}`} />
        <p class="waiting tall" aria-busy="true">
          Loading AS{asn}…
        </p>
      </>
    );
  if (answer.problem && !answer.data)
    return (
      <>
        <Heading title={`AS${asn}`} />
        {answer.problem.status === 404 ? (
          <Unknown asn={asn} />
        ) : (
          <Failed answer={answer} what={`AS${asn}`} />
        )}
      </>
    );
  if (answer.data.items.length === 0)
    return (
      <>
        <Heading title={`AS${asn}`} />
        <Unknown asn={asn} />
      </>
    );
  return <Known {...{ asn, query, about, answer }} />;
}

function Unknown({ asn }) {
  return (
    <Empty title={`AS${asn}: nobody has measured here.`}>
      <p>
        That says nothing about its ports.{" "}
        <a href="/about#add">Add a vantage point</a>, or look at{" "}
        <a href="/networks">the networks that we know</a>.
      </p>
    </Empty>
  );
}

function Known({ asn, query, about, answer }) {
  const { items } = answer.data;
  const families = [4, 6].filter((family) =>
    items.some((item) => item.family === family),
  );
  const asked = Number(query.family);
  const family = families.includes(asked) ? asked : families[0];
  const ofFamily = items.filter((item) => item.family === family);
  const network = pick(items, 25, family) ?? ofFamily[0];
  const seen = useAnswer(
    `/v1/measurements${queryText({ asn, port: network.port, family })}&limit=48`,
  );
  const changes = useAnswer(`/v1/events?asn=${asn}&limit=50`);
  const setFamily = (value) => setQuery(queryText({ ...query, family: value }));
  return (
    <>
      <Crumbs
        items={[
          ["Networks", "/networks"],
          ...(network.country
            ? [[countryName(network.country), `/country/${network.country}`]]
            : []),
          [`AS${asn}`],
        ]}
      />
      <Failed answer={answer} what={`AS${asn}`} />
      <Head
        network={network}
        path={answer.path}
        others={ofFamily}
        events={changes.data?.items ?? []}
        now={answer.now}
        family={family}
        families={families}
        setFamily={setFamily}
      />
      <Said network={network} about={about} />
      <TypicalPath network={network} rows={seen.data?.items ?? []} />
      <Days asn={asn} network={network} items={items} query={query} now={answer.now} />
      <div class="columns">
        <div>
          <NetworkChanges answer={changes} />
          <Section title="Every port and family">
            <EveryPort items={items} />
            <Curl path={answer.path} what="every port" />
          </Section>
          {network.upstream && <Behind network={network} />}
        </div>
        <Evidence asn={asn} network={network} answer={seen} />
      </div>
    </>
  );
}

function Head({ network, path, others, events, now, family, families, setFamily }) {
  const verdict = verdictOf(network, others);
  const [cites, setCites] = useState(false);
  const { asn } = network;
  return (
    <Verdict
      state={verdict.state}
      sentence={verdict.sentence}
      above={
        <>
          <b>{nameOf(network)}</b> <span class="mono">AS{asn}</span>
          <Choice
            label="Address family"
            values={families.map((value) => [value, `IPv${value}`])}
            value={family}
            onPick={setFamily}
          />
        </>
      }
    >
      <p class="consequence">{verdict.consequence}</p>
      <Parts network={network} />
      <Facts
        facts={[
          ["Since", sinceOf(network, events)],
          ["Evidence", <Level level={network.level} />],
          ["Vantage points", evidenceText(network).replace("vantage points ", "").replace("vantage point ", "")],
          ["Endpoints", numberText(network.endpoints)],
          [
            "Blocked share of lines",
            hasShare(network) ? (
              <ShareBar {...network.blocked_share} state={network.state} />
            ) : (
              "not known"
            ),
          ],
          ["Reach", network.reach ? reachText(network.reach) : null],
          ["Last seen", <><Ago time={network.last} now={now} /> ago</>],
        ]}
      />
      <p class="buttons">
        <a class="button first" href={`/my-network?as=${asn}`}>
          My mail does not leave
        </a>
        <a class="button" href={`/about?as=${asn}#object`}>
          I run this network
        </a>
        <button type="button" aria-expanded={cites} onClick={() => setCites(!cites)}>
          Cite
        </button>
        <a class="button" href={`/v1/events.atom?asn=${asn}`}>
          Feed
        </a>
      </p>
      {cites && <Copy text={citationOf(network, location.origin, now)} what="Citation" />}
      <Curl path={path} what={`AS${asn}`} />
    </Verdict>
  );
}

// Where the state differs inside the network; neither a prefix nor an endpoint
// that one vantage point alone speaks for.
function Parts({ network }) {
  const parts = (network.parts ?? []).filter((part) => part.vantage_points > 1);
  const text = destinationsText(network.destinations);
  if (parts.length === 0 && !text) return null;
  return (
    <>
      {text && <p>{text}</p>}
      {parts.length > 0 && (
        <ul class="plain">
          {parts.map((part) => (
            <li key={part.prefix}>
              <code>{part.prefix}</code> <StateBadge state={part.state} />{" "}
              <small>{countText(part.vantage_points, "vantage point")}</small>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

// The operator's answer stands in the size of the verdict's words; what this
// collector's operator adds is told apart from it.
function Said({ network, about }) {
  return annotationsOf(network, about?.operator).map(
    ({ kind, heading, by, at, when, text }) => (
      <section class={`said-of ${kind}`} key={kind}>
        <h2>
          {heading}{" "}
          {(by || when) && (
            <span class="note">
              {by && <bdi>{by}</bdi>}
              {by && when && ", "}
              {when && <time dateTime={at}>{when}</time>}
            </span>
          )}
        </h2>
        <p>
          <bdi>{text}</bdi>
        </p>
      </section>
    ),
  );
}

function TypicalPath({ network, rows }) {
  const id = network.typical_report ?? typicalReport(rows, network);
  const answer = useAnswer(id ? `/v1/reports/${id}` : null);
  return (
    <Section
      title="How far each port gets"
      note={id && `a typical path, from one report over IPv${network.family}`}
    >
      {id ? (
        <Part answer={answer} what="the typical report" tall>
          {(report) => <TypicalPicture report={report} network={network} />}
        </Part>
      ) : (
        <Empty title="No typical report.">
          <p>
            No measurement of late shows what is said above. Each below has its
            own picture.
          </p>
        </Empty>
      )}
    </Section>
  );
}

function TypicalPicture({ report, network }) {
  const target = targetsOf(report).find(
    ({ family }) => !family || family === network.family,
  );
  const picture = useMemo(() => target && pictureOf(target), [report]);
  if (!picture) return <p>The report has no target over IPv{network.family}.</p>;
  return (
    <>
      <PathDiagram picture={picture} />
      <PathWords picture={picture} />
      <p class="note">
        {stopsText(network)} <a href={`/m/${report.id}`}>This report in full</a>
      </p>
    </>
  );
}

function Days({ asn, network, items, query, now }) {
  const count = useNarrow() ? 36 : 90;
  const until = dayOf(now + DAY_MS);
  const since = dayOf(Date.parse(until) - count * DAY_MS);
  const days = daysBetween(since, until);
  const shown = PORTS.flatMap((port) =>
    [4, 6].map((family) => ({ port, family })),
  )
    .filter(({ port, family }) => pick(items, port, family))
    .sort((a, b) => a.family - b.family);
  const answer = useAnswer(
    `/v1/networks/${asn}/history?since=${since}&until=${until}`,
  );
  const open = (row, day) =>
    go(
      `/data${queryText({
        asn,
        port: row.port,
        family: row.family,
        since: day,
        until: dayOf(Date.parse(day) + DAY_MS),
      })}`,
    );
  return (
    <Section
      title="Day by day"
      note={`${count} days to ${dateText(days.at(-1))}, UTC`}
    >
      <Part answer={answer} what="the history" tall>
        {(data) => {
          const rows = shown.map(({ port, family }) => ({
            key: `${port}/${family}`,
            label: `${port} IPv${family}`,
            port,
            family,
            days: placeDays(
              days,
              data.items.filter(
                (item) => item.port === port && item.family === family,
              ),
            ),
          }));
          const own = rows.find(
            ({ port, family }) =>
              port === network.port && family === network.family,
          );
          return (
            <>
              <HistoryStrip
                key={network.family}
                rows={rows}
                days={days}
                onOpen={open}
                begin={{ row: Math.max(0, rows.indexOf(own)), day: query.day }}
              />
              <Legend />
              {own && (
                <>
                  <h3>
                    Share of lines on which port {network.port} is blocked{" "}
                    <span class="note">
                      IPv{network.family}, estimate and 90 % interval
                    </span>
                  </h3>
                  <ShareChart
                    days={own.days.map((day) => ({
                      day: day.day,
                      ...(hasShare(day) ? day.blocked_share : {}),
                    }))}
                  />
                </>
              )}
            </>
          );
        }}
      </Part>
    </Section>
  );
}

function NetworkChanges({ answer }) {
  return (
    <Section title="Changes">
      <Part answer={answer} what="the changes">
        {({ items }) =>
          items.length ? (
            <ChangeList events={items.slice(0, 12)} />
          ) : (
            <p>No change since we began to look.</p>
          )
        }
      </Part>
    </Section>
  );
}

function EveryPort({ items }) {
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">Port</th>
          <th scope="col">IPv4</th>
          <th scope="col">IPv6</th>
        </tr>
      </thead>
      <tbody>
        {PORTS.map((port) => (
          <tr key={port}>
            <th scope="row">{port}</th>
            {[4, 6].map((family) => {
              const network = pick(items, port, family);
              return (
                <td key={family}>
                  <StateBadge
                    state={network?.state}
                    mechanism={network?.mechanism}
                  />
                </td>
              );
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

// Who else is stopped behind the same AS.
function Behind({ network }) {
  const { upstream, family, port } = network;
  const answer = useAnswer(
    `/v1/networks${queryText({ upstream, family, port })}&limit=100`,
  );
  return (
    <Section
      title={`Stopped behind AS${upstream}`}
      note={`port ${port}, IPv${family}`}
    >
      <Part answer={answer} what="who is behind it">
        {({ items, total }) => (
          <>
            <ul class="plain">
              {items.map((one) => (
                <li key={one.asn}>
                  <a href={`/as/${one.asn}?family=${family}`}>{nameOf(one)}</a>{" "}
                  <StateBadge state={one.state} mechanism={one.mechanism} />
                </li>
              ))}
            </ul>
            <p class="note">
              {countText(total, "network")} in all; not charged to them: the
              filter is in AS{upstream} or beyond.
            </p>
          </>
        )}
      </Part>
      <Curl path={answer.path} what={`who is behind AS${upstream}`} />
    </Section>
  );
}

function Evidence({ asn, network, answer }) {
  const { port, family } = network;
  const query = queryText({ asn, port, family });
  return (
    <Section
      title="Evidence"
      note={`port ${port}, IPv${family}`}
      links={
        <a class="note" href={`/data${query}`}>
          Filter and download
        </a>
      }
    >
      <Part answer={answer} what="the measurements">
        {({ items }) => (
          <>
            <Scroll label="The newest measurements">
              <Measurements rows={onePerReport(items).slice(0, 12)} />
            </Scroll>
            <p class="note">
              The verdict rests on {countText(network.probes, "probe")}. Shown
              are prefixes, never full addresses. All of it as{" "}
              <a href={`/v1/networks/${asn}`}>JSON</a>, and as{" "}
              <a href={`/v1/networks?asn=${asn}&format=csv`} download>
                CSV
              </a>
              .
            </p>
            <details>
              <summary>Why we call it that</summary>
              <ul>
                {[network.because].flat().map((sentence) => (
                  <li key={sentence}>{becauseText(sentence)}</li>
                ))}
              </ul>
            </details>
          </>
        )}
      </Part>
    </Section>
  );
}
