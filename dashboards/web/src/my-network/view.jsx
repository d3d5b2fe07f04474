// SPDX-License-Identifier: Apache-2.0
// Is it my network, and what do I do?
import { Glyph } from "../marks/marks.jsx";
import { programsText } from "../network/verdict.js";
import { useAnswer } from "../shared/api.js";
import {
  Choice,
  Copy,
  Curl,
  Failed,
  Section,
  Scroll,
  Verdict,
} from "../shared/parts.jsx";
import { setQuery } from "../app/place.js";
import { queryText } from "../app/routes.js";
import { countryName, listText, nameOf } from "../shared/words.js";
import {
  answerOf,
  figuresOf,
  letterOf,
  relayLines,
  relayPort,
} from "./advice.js";
import { useMyNetwork } from "./whoami.js";

export function MyNetwork({ query }) {
  const mine = useMyNetwork(query);
  const { network, networks, family } = mine;
  if (mine.loading)
    return (
      <>
        <h1 tabindex="-1">My network</h1>
        <p class="waiting tall" aria-busy="true">
          Loading your network…
        </p>
      </>
    );
  const ofFamily = networks.filter((one) => one.family === family);
  return (
    <>
      <Verdict
        state={network?.state ?? "insufficient"}
        sentence={answerOf(network)}
        above={<From mine={mine} query={query} />}
      >
        <Consequence network={network} others={ofFamily} mine={mine} />
        <Curl path={mine.paths} what="your network" />
      </Verdict>
      <Failed answer={mine.failed} what="Your network" />
      <Steps network={network} networks={networks} family={family} />
    </>
  );
}

function From({ mine, query }) {
  if (!mine.asn) return <>You come from an address that we do not know</>;
  const { country } = mine;
  return (
    <>
      {mine.isAsked ? "About" : "You come from"} <b>{nameOf(mine)}</b>{" "}
      {mine.name && <span class="mono">AS{mine.asn}</span>}
      {country && <span>{countryName(country)}</span>}
      <Choice
        label="Address family"
        values={[
          [4, "IPv4"],
          [6, "IPv6"],
        ]}
        value={mine.family}
        onPick={(family) => setQuery(queryText({ ...query, family }))}
      />
    </>
  );
}

function Consequence({ network, others, mine }) {
  if (!mine.asn)
    return (
      <p class="consequence">
        We do not know the network you come from (address not in the database).
        The program below says what your line does.
      </p>
    );
  if (!network)
    return (
      <p class="consequence">
        Nobody has measured port 25 over IPv{mine.family} in {nameOf(mine)}. That
        says nothing about it: the program below does.
      </p>
    );
  return (
    <p class="consequence">
      {figuresOf(network)} {programsText(others)}{" "}
      <a href={`/as/${network.asn}?family=${network.family}`}>All we know of it</a>
    </p>
  );
}

const READINGS = [
  [
    "filtered",
    "filtered",
    "after hop 1 or later",
    "the network that you send through",
    "Send through a relay on 587, or ask your provider (letter below).",
  ],
  [
    "intercepted",
    "intercepted",
    "somebody else answers",
    "a proxy on the way",
    "Send through a relay with TLS; ask your provider what answers.",
  ],
  [
    "insufficient",
    "local",
    "before the first hop",
    "this machine: firewall, antivirus, container",
    "Look at its own rules; the network is not the cause.",
  ],
  [
    "open",
    "open, rejected",
    "the endpoint answers 4xx or 5xx",
    "the receiving side: reputation, greylisting",
    "Check reverse DNS and SPF; no provider can open this.",
  ],
  [
    "insufficient",
    "endpoint",
    "down, silent, refused or broken",
    "that server, or it serves no mail there",
    "Nothing to fix on your side. Try later.",
  ],
  [
    "insufficient",
    "unknown",
    "nothing answers at all",
    "you may be offline",
    "Try again; an unknown is never a filter.",
  ],
];

function Steps({ network, networks, family }) {
  return (
    <>
      <Section title={<Step n="1" text="Make sure, on the machine that sends" />}>
        <p>
          Lines differ inside one network, and so do routers and firewalls. A
          browser may not open port 25, so this page cannot test it. A program
          can; it sends no mail.
        </p>
        <Copy text="egress25-agent check" what="Command" className="short" />
      </Section>
      <Section title={<Step n="2" text="Read what it says" />}>
        <Scroll label="What the program says">
          <table class="readings">
            <thead>
              <tr>
                <th scope="col">It says</th>
                <th scope="col">So it is</th>
                <th scope="col">Do this</th>
              </tr>
            </thead>
            <tbody>
              {READINGS.map(([glyph, word, note, cause, todo]) => (
                <tr key={word}>
                  <th scope="row">
                    <span class="badge">
                      <Glyph state={glyph} />
                      <span>
                        {word}
                        <small>{note}</small>
                      </span>
                    </span>
                  </th>
                  <td>{cause}</td>
                  <td>{todo}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      </Section>
      <Section title={<Step n="3" text="Get your mail out" />}>
        <div class="ways">
          <Relay networks={networks} family={family} network={network} />
          <Letter network={network} networks={networks} />
          <Elsewhere network={network} />
        </div>
      </Section>
      <Section title="Add a vantage point">
        <p>
          Leave the same program running and your line counts too. It needs no
          privilege, sends no mail, shows your /24 or /48 and never your
          address. <a href="/about#add">How</a>
        </p>
      </Section>
      <p class="note">
        Told by the address that you come from. Nothing is stored.
      </p>
    </>
  );
}

const Step = ({ n, text }) => (
  <>
    <span class="step">{n}</span>
    {text}
  </>
);

function Relay({ networks, family, network }) {
  const port = relayPort(networks, family);
  const isKnown = networks.some((one) => one.family === family);
  if (!port && isKnown)
    return (
      <div>
        <h3>A relay</h3>
        <p>
          Neither 587 nor 465 is known to be open in {network ? nameOf(network) : "your network"}.
          Run the program first: it tries both.
        </p>
      </div>
    );
  const lines = relayLines(port ?? 587);
  return (
    <div>
      <h3>Today: a relay on {port ?? 587}</h3>
      <p>
        Hand mail to a relay that takes it on port {port ?? 587} with a password.{" "}
        {port ? openText(networks, port) : "Make sure first that the port is open."}
      </p>
      <Copy text={lines} what="Lines for Postfix" label="Copy the lines" />
    </div>
  );
}

function openText(networks, port) {
  const open = networks.filter(
    (one) => one.port === port && one.state === "open",
  );
  const over = listText(open.map((one) => `IPv${one.family}`));
  return `That port is open in ${nameOf(open[0])}, over ${over}.`;
}

function Letter({ network, networks }) {
  if (!network || !["filtered", "partial"].includes(network.state))
    return null;
  const link = `${location.origin}/as/${network.asn}`;
  return (
    <div>
      <h3>Ask the provider</h3>
      <Copy
        text={letterOf(network, networks, link)}
        label="Copy the letter"
        what="Letter"
        className="letter"
      />
    </div>
  );
}

function Elsewhere({ network }) {
  const country = network?.country;
  return (
    <div>
      <h3>Another network</h3>
      <p>Some let port 25 out, with fair or strong evidence.</p>
      <p class="buttons">
        <a
          class="button"
          href={`/networks?state=open${country ? `&country=${country}` : ""}&sort=evidence`}
        >
          {country ? "Open networks in your country" : "Open networks"}
        </a>
      </p>
    </div>
  );
}
