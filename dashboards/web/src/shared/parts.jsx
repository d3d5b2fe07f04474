// SPDX-License-Identifier: Apache-2.0
// What every view is built of.
import { useRef, useState } from "preact/hooks";
import { Glyph } from "../marks/marks.jsx";
import { curlText } from "./curl.js";
import { ageText } from "./time.js";

// A switch of a few values, as buttons; `label` names the group.
export function Choice({ label, values, value, onPick }) {
  return (
    <div class="choice" role="group" aria-label={label}>
      {values.map(([name, text]) => (
        <button
          key={name}
          type="button"
          aria-pressed={String(name) === String(value)}
          onClick={() => onPick(name)}
        >
          {text}
        </button>
      ))}
    </div>
  );
}

// Which port over which family a view is about.
export function PortAndFamily({ port, family, onPick }) {
  return (
    <>
      <Choice
        label="Port"
        values={[[25, "Port 25"], [587, "587"], [465, "465"]]}
        value={port}
        onPick={(value) => onPick({ port: value })}
      />
      <Choice
        label="Address family"
        values={[[4, "IPv4"], [6, "IPv6"]]}
        value={family}
        onPick={(value) => onPick({ family: value })}
      />
    </>
  );
}

export function Empty({ title, children }) {
  return (
    <div class="empty">
      <p>
        <b>{title}</b>
      </p>
      {children}
    </div>
  );
}

// What did not answer, what is still shown, and how old that is.
export function Failed({ answer, what }) {
  const { problem, data, now, isAsked, again } = answer;
  if (!problem) return null;
  return (
    <div class="failed" role="alert">
      <p>
        <b>{what} could not be loaded.</b> {problem.message}
        {data &&
          ` What is shown is ${ageText(now, Date.now())} old.`.replace(
            "now old",
            "from a moment ago",
          )}
        {isRetried(problem) && " The page asks again by itself."}
      </p>
      <button type="button" onClick={again}>
        {isAsked ? "Trying…" : "Try again"}
      </button>
    </div>
  );
}

// Some say themselves when; a refused question stays refused.
const isRetried = ({ status, againS }) =>
  !againS && (status === 0 || status >= 500);

// A part of a view that waits for an answer: its height is kept. `path`: what
// it was drawn from; null where that stands elsewhere.
export function Part({ answer, what, tall, path = answer.path, children }) {
  if (answer.loading)
    return (
      <div class={tall ? "waiting tall" : "waiting"} aria-busy="true">
        <p>Loading {what}…</p>
      </div>
    );
  return (
    <>
      <Failed answer={answer} what={what.charAt(0).toUpperCase() + what.slice(1)} />
      {answer.data && children(answer.data, answer.now)}
      {answer.data && <Curl path={path} what={what} />}
    </>
  );
}

// Text to take away. Without TLS a page may not write to the clipboard: then
// the text is selected, and that is said.
export function Copy({ text, label = "Copy", className = "", what }) {
  const box = useRef();
  const [said, setSaid] = useState("");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setSaid("Copied");
    } catch {
      const range = document.createRange();
      range.selectNodeContents(box.current);
      getSelection().removeAllRanges();
      getSelection().addRange(range);
      setSaid("Selected: copy it with Ctrl+C");
    }
  };
  return (
    <div class={`copy ${className}`}>
      <pre ref={box} tabindex="0" role="region" aria-label={what ?? label}>
        {text}
      </pre>
      <p>
        <button type="button" onClick={copy}>
          {label}
        </button>{" "}
        <span aria-live="polite">{said}</span>
      </p>
    </div>
  );
}

// The address that a picture was drawn from, to ask it oneself. `path`: as of
// curlText(); `what` tells those of one view apart.
export function Curl({ path, what }) {
  const text = curlText(path, location.origin);
  if (!text) return null;
  return (
    <details class="curl">
      <summary>
        curl<span class="hidden"> for {what}</span>
      </summary>
      <Copy text={text} what={`curl for ${what}`} />
    </details>
  );
}

// The bar, the sentence, what follows from it, facts and ways on.
export function Verdict({ state, above, sentence, children }) {
  return (
    <section class={`verdict v-${state ?? "none"}`}>
      {above && <div class="above">{above}</div>}
      <h1 tabindex="-1">
        <Glyph state={state} size={26} />
        <span>{sentence}</span>
      </h1>
      {children}
    </section>
  );
}

export function Facts({ facts }) {
  return (
    <dl class="facts">
      {facts
        .filter(([, value]) => value !== null && value !== undefined)
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}

export function Crumbs({ items }) {
  return (
    <nav class="crumbs" aria-label="Where you are">
      {items.map(([text, href], i) => (
        <span key={text}>
          {i > 0 && " / "}
          {href ? <a href={href}>{text}</a> : text}
        </span>
      ))}
    </nav>
  );
}

export function Heading({ title, note, children }) {
  return (
    <div class="heading">
      <h1 tabindex="-1">{title}</h1>
      {note && <p class="note">{note}</p>}
      {children}
    </div>
  );
}

export function Section({ id, title, note, links, children }) {
  return (
    <section id={id} class="part">
      <h2>
        {title}
        {note && <span class="note">{note}</span>}
        {links}
      </h2>
      {children}
    </section>
  );
}

// A table that may be wider than the page: it scrolls in its own region.
export function Scroll({ label, children }) {
  return (
    <div class="scroll" tabindex="0" role="region" aria-label={label}>
      {children}
    </div>
  );
}

export function Ago({ time, now }) {
  return <time dateTime={time}>{ageText(time, now)}</time>;
}
