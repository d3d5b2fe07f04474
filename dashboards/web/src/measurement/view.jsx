// SPDX-License-Identifier: Apache-2.0
// What one vantage point saw, and why we call it that.
import { useMemo } from "preact/hooks";
import { setQuery } from "../app/place.js";
import { queryText } from "../app/routes.js";
import { PathDiagram, PathWords } from "../path/diagram.jsx";
import { pictureOf, probesByPort } from "../path/lane.js";
import { mainProbe, spokenProbe, targetsOf } from "../path/report.js";
import { dialogueOf } from "../path/stages.js";
import { StageTimeline } from "../path/timeline.jsx";
import { useAnswer } from "../shared/api.js";
import { curlText } from "../shared/curl.js";
import { useNarrow } from "../shared/narrow.js";
import {
  Choice,
  Copy,
  Crumbs,
  Curl,
  Empty,
  Facts,
  Failed,
  Heading,
  Section,
  Verdict,
} from "../shared/parts.jsx";
import { clockText, dateText } from "../shared/time.js";
import { mechanismText, nameOf, placeText } from "../shared/words.js";
import { alibiOf, sentenceOf, stateOfOutcome } from "./sentence.js";

export function Measurement({ params, query, about }) {
  const { report: id } = params;
  const answer = useAnswer(`/v1/reports/${id}`);
  if (answer.loading)
    return (
      <>
        <Heading title="One measurement" />
        <p class="waiting tall" aria-busy="true">
          Loading report {id}…
        </p>
      </>
    );
  if (!answer.data)
    return (
      <>
        <Heading title="One measurement" />
        {answer.problem.status === 404 ? (
          <Gone id={id} about={about} />
        ) : (
          <Failed answer={answer} what={`Report ${id}`} />
        )}
      </>
    );
  return <Report report={answer.data} path={answer.path} query={query} />;
}

function Gone({ id, about }) {
  const days = about?.retention_days;
  return (
    <Empty title={`There is no report ${id} here.`}>
      <p>
        {days
          ? `The raw record is gone after ${days} days; the daily files keep its rows. `
          : "A raw record is not kept for ever; the daily files keep its rows. "}
        <a href="/data">Data</a>
      </p>
    </Empty>
  );
}

function Report({ report, path, query }) {
  const targets = useMemo(() => targetsOf(report), [report]);
  const index = Math.max(
    0,
    targets.findIndex((one) => nameOfTarget(one) === query.target),
  );
  const target = targets[index];
  const picture = useMemo(() => target && pictureOf(target), [target]);
  const isNarrow = useNarrow();
  if (!target)
    return <Heading title="One measurement" note="The report has no target." />;
  const probes = probesByPort(target);
  const main = mainProbe(probes);
  return (
    <>
      <Crumbs
        items={[
          ["Networks", "/networks"],
          ...(report.asn
            ? [[`${nameOf({ asn: report.asn, name: report.name ?? report.network })}`, `/as/${report.asn}`]]
            : []),
          ["one measurement"],
        ]}
      />
      {targets.length > 1 && (
        <div class="buttons">
          <Choice
            label="Target"
            values={targets.map((one) => [nameOfTarget(one), nameOfTarget(one)])}
            value={nameOfTarget(target)}
            onPick={(name) => setQuery(queryText({ ...query, target: name }))}
          />
        </div>
      )}
      <Verdict
        state={stateOfOutcome(main?.outcome)}
        sentence={sentenceOf(main, picture)}
        above={
          <>
            <time dateTime={target.at ?? report.at}>
              {dateText(target.at ?? report.at)},{" "}
              {clockText(target.at ?? report.at)} UTC
            </time>
            <span>
              from <code>{target.prefix ?? report.prefix}</code> to{" "}
              {target.endpoint} <code>{target.address}</code>
            </span>
          </>
        }
      >
        <p class="consequence">
          {alibiOf(main?.elsewhere ?? target.elsewhere ?? report.elsewhere, main?.port)}
        </p>
      </Verdict>
      <Section title="Path">
        <PathDiagram picture={picture} />
        <PathWords picture={picture} open={isNarrow} key={String(isNarrow)} />
        <Curl path={path} what="the path" />
      </Section>
      <Section title="Timeline" note="milliseconds from the first packet">
        <StageTimeline probes={probes} />
        <Curl path={path} what="the timeline" />
      </Section>
      <div class="columns">
        <Dialogue probes={probes} main={main} />
        <Because main={main} report={report} path={path} />
      </div>
    </>
  );
}

const nameOfTarget = ({ endpoint, address }) => `${endpoint} ${address ?? ""}`.trim();

function Dialogue({ probes, main }) {
  const probe = spokenProbe(probes, main);
  if (!probe)
    return (
      <Section title="What was said">
        <p>No port got as far as a greeting.</p>
      </Section>
    );
  return (
    <Section title="What was said">
      <p class="note">
        {probe.port === main.port
          ? `Port ${probe.port}.`
          : `Port ${main.port} never got this far. This is port ${probe.port} of the same address.`}{" "}
        Only what the report keeps.
      </p>
      <pre class="dialogue" tabindex="0" role="region" aria-label="Dialogue">
        {dialogueOf(probe).map(([who, text], i) => (
          <span key={i} class={WHO[who]}>
            <i>{who} </i>
            {text}
            {"\n"}
          </span>
        ))}
      </pre>
    </Section>
  );
}

const WHO = { "<": "theirs", ">": "ours", "=": "event" };

function Because({ main, report, path }) {
  const because = [main?.because ?? []].flat();
  const isProved = report.proof ?? report.proved;
  return (
    <Section title="Why we call it that">
      <ol class="because">
        {because.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
        {main && (
          <li>
            So port {main.port} is{" "}
            <b>
              {main.outcome}
              {main.mechanism && ` / ${main.mechanism}`}
            </b>
            {main.mechanism && ` (${mechanismText(main.mechanism)})`}
            {main.where && (
              <>
                , where <b>{main.where}</b> ({placeText(main.where)})
              </>
            )}
            .
          </li>
        )}
      </ol>
      <Facts
        facts={[
          ["Report", <code>{report.id ?? report.report}</code>],
          ["Vantage point", <><code>{report.agent}</code> (pseudonym)</>],
          ["Software", report.software && <code>{report.software}</code>],
          [
            "Source",
            typeof isProved === "boolean"
              ? isProved
                ? "proved by the collector"
                : "not proved: convicts nobody"
              : null,
          ],
        ]}
      />
      <Copy text={curlText(path, location.origin)} what="The same by curl" />
    </Section>
  );
}
