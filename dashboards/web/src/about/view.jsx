// SPDX-License-Identifier: Apache-2.0
// How we decide, what the words mean, who runs this, how to object.
import { Level, StateBadge } from "../marks/marks.jsx";
import { useAnswer } from "../shared/api.js";
import { Copy, Heading, Part, Scroll, Section } from "../shared/parts.jsx";
import {
  LEVELS,
  MECHANISM_WORDS,
  mechanismText,
  PLACE_WORDS,
  placeText,
  REACH_WORDS,
  reachText,
  stateMeaning,
  STATES,
  STOP_WORDS,
  stopText,
} from "../shared/words.js";
import { objectionOf, rulesOf } from "./rules.js";

export function About({ query, about }) {
  return (
    <div class="text">
      <Heading title="Methods" />
      <Section title="What is measured" id="measured">
        <p>
          Vantage points are programs on ordinary lines. Each opens connections
          to mail servers on ports 25, 587 and 465, speaks SMTP (the Simple Mail
          Transfer Protocol) up to the end of EHLO and STARTTLS, and leaves with
          QUIT. No mail is ever sent. Where a port fails, the path to the server
          is traced, and a control port of the same address shows whether the
          server was up.
        </p>
        <p>
          They say what they saw; the collector judges. Published are the
          network, the prefix (/24 or /48) and a pseudonym: never a full address
          of a vantage point, and nothing of what is behind its router.
        </p>
      </Section>
      <Decide about={about} />
      <Words />
      <Objection query={query} about={about} />
      <Add />
      <Section title="Who runs this" id="who">
        <p>
          {about?.operator
            ? `${about.operator} runs this collector.`
            : "Whoever runs this collector has not put a name here."}{" "}
          {about?.contact && <>Contact: {about.contact}.</>}{" "}
          {about?.software && (
            <>
              It runs <code>{about.software}</code>.
            </>
          )}
        </p>
        <p>
          These pages ask their own collector and nobody else: no cookie, no
          storage, no third party.
        </p>
      </Section>
    </div>
  );
}

function Decide({ about }) {
  const answer = useAnswer("/v1/about");
  return (
    <Section title="How we decide" id="decide">
      <p>
        A network is an AS (autonomous system: one operator’s part of the
        Internet) over one address family. It is called filtered where the
        vantage points in it agree, and where one faulty line, one prefix or one
        operator cannot be the reason. What is too little to say is called
        insufficient, and no share is shown for it.
      </p>
      <Part answer={answer} what="the thresholds">
        {({ thresholds }) => (
          <ul>
            {rulesOf(thresholds).map((rule) => (
              <li key={rule}>{rule}</li>
            ))}
          </ul>
        )}
      </Part>
      <p>
        {typeof about?.expected_wrong === "number" &&
          `Of all networks that are called filtered, partial or intercepted now, we expect at most ${about.expected_wrong.toFixed(2)} to be open. `}
        An objection does not change a verdict, evidence does; it stands beside
        the verdict.
      </p>
    </Section>
  );
}

function Words() {
  return (
    <Section title="What the words mean" id="words">
      <Scroll label="States">
        <table>
          <thead>
            <tr>
              <th scope="col">State</th>
              <th scope="col">Meaning</th>
            </tr>
          </thead>
          <tbody>
            {STATES.map((state) => (
              <tr key={state}>
                <th scope="row">
                  <StateBadge state={state} />
                </th>
                <td>{stateMeaning(state)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      <h3>Evidence</h3>
      <p>
        {LEVELS.map((level) => (
          <span key={level} class="gap">
            <Level level={level} />
          </span>
        ))}
        In pictures strong evidence is solid, fair is hatched, thin is an
        outline. A thin line means that nobody measured.
      </p>
      <h3>Mechanisms</h3>
      <Terms words={MECHANISM_WORDS} text={mechanismText} />
      <h3>Where</h3>
      <Terms words={PLACE_WORDS} text={placeText} />
      <h3>Stopped in</h3>
      <p>Of a network that is said to filter: where its lines are stopped.</p>
      <Terms words={STOP_WORDS} text={stopText} />
      <h3>Reach</h3>
      <Terms words={REACH_WORDS} text={reachText} />
    </Section>
  );
}

function Terms({ words, text }) {
  return (
    <dl class="terms">
      {words.map((word) => (
        <div key={word}>
          <dt>
            <code>{word}</code>
          </dt>
          <dd>{text(word)}</dd>
        </div>
      ))}
    </dl>
  );
}

function Objection({ query, about }) {
  const asn = /^\d{1,10}$/.test(query.as ?? "") ? query.as : "";
  return (
    <Section title="How to object" id="object">
      <p>
        You run a network that is listed here and think that we are wrong, or
        you want to say why it is so: write to the operator of this collector
        {about?.contact ? <> at {about.contact}</> : ""}. No account is needed;
        write from an address that belongs to the network, or from its contact
        in the registry, so that a person can check that it is you.
      </p>
      {!about?.contact && (
        <p class="note">
          This collector’s operator has not published an address; the registry’s
          contact of the address of this site will do.
        </p>
      )}
      <p>Send these:</p>
      <Copy text={objectionOf(asn)} label="Copy the form" what="Form" />
      <p>What happens then, by hand:</p>
      <ul>
        <li>
          The collector’s operator checks that you speak for the network: your
          mail comes from its domain and he writes back there, or he asks the
          contact that the registry has of the AS, and waits for the answer.
        </li>
        <li>
          Then your words (at most 255 bytes) stand under the verdict, in the
          same size, with the date and who gave them: a reply as “The operator
          says”, an objection as “The operator objects”. What the collector’s
          operator adds himself is called his remark. He enters it with{" "}
          <code>
            egress25-collector annotate --kind objection --by YOU{" "}
            {asn || "AS"} TEXT
          </code>
          . Nothing is published if you ask for that.
        </li>
        <li>To change it or take it back, write again.</li>
        <li>
          Run the test yourself, on a line of yours:{" "}
          <code>egress25-agent check</code>. Leave it running as a vantage point
          and it counts like every other.
        </li>
        <li>
          The verdict follows evidence, not argument. Where your network has
          changed, it changes within days.
        </li>
      </ul>
    </Section>
  );
}

function Add() {
  return (
    <Section title="Add a vantage point" id="add">
      <p>
        Any machine on a line whose provider is of interest will do. The program
        needs no privilege, sends no mail, and visits each mail server at most
        once in ten minutes.
      </p>
      <Copy
        text={[
          "apt install egress25-agent",
          "egress25-agent --print-config >/etc/egress25/agent.conf",
          `# set: collector = ${location.origin}`,
          "systemctl enable --now egress25-agent",
        ].join("\n")}
        label="Copy the commands"
        what="Commands"
      />
    </Section>
  );
}
