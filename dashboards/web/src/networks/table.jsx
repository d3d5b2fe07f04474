// SPDX-License-Identifier: Apache-2.0
// A real table of many rows, of which those near the window are drawn.
import { options } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { place } from "../app/place.js";
import { Mini } from "../marks/history.jsx";
import { Level, ShareBar, StateBadge } from "../marks/marks.jsx";
import { hasShare } from "../network/verdict.js";
import { useNarrow } from "../shared/narrow.js";
import { ageText, sinceText } from "../shared/time.js";
import { countText } from "../shared/words.js";
import { historyOf, wantHistories } from "./histories.js";
import { drawnRows, rowAfterKey } from "./window.js";

const ROW = 40;
const ROW_NARROW = 62;
const PRINTED = 3000; // rows at most

export const linkOf = ({ asn, family }) => `/as/${asn}?family=${family}`;

// `ports`: those that the rows know of.
export function DataTable({ rows, port, ports, isDays, now, caption }) {
  const body = useRef();
  const rowHeight = useNarrow() ? ROW_NARROW : ROW;
  const [drawn, setDrawn] = useState({ from: 0, to: 30 });
  const [active, setActive] = useState(() => lastRow(rows));
  const wanted = useRef(false);
  const count = rows.length;
  const look = () => {
    const top = -body.current.getBoundingClientRect().top;
    const next = drawnRows({ top, height: innerHeight, rowHeight, count });
    setDrawn((old) =>
      old.from === next.from && old.to === next.to ? old : next,
    );
  };
  useLayoutEffect(() => {
    look();
    // On paper nobody scrolls.
    const all = () => atOnce(() => setDrawn({ from: 0, to: PRINTED }));
    addEventListener("scroll", look, { passive: true });
    addEventListener("resize", look);
    addEventListener("beforeprint", all);
    addEventListener("afterprint", look);
    return () => {
      removeEventListener("scroll", look);
      removeEventListener("resize", look);
      removeEventListener("beforeprint", all);
      removeEventListener("afterprint", look);
    };
  }, [count, rowHeight]);
  const from = Math.min(drawn.from, Math.max(0, count - 1));
  const shown = rows.slice(from, drawn.to);
  useEffect(
    () => wantHistories(shown.map((row) => `${row.key}.${port}`)),
    [from, drawn.to, rows, port],
  );
  useLayoutEffect(() => {
    if (!wanted.current) return;
    const link = body.current.querySelector(`tr[data-row="${active}"] a`);
    if (!link) return;
    wanted.current = false;
    link.focus({ preventScroll: true });
  });
  const onKeyDown = (event) => {
    const page = Math.max(1, Math.floor(innerHeight / rowHeight) - 3);
    const next = rowAfterKey(event.key, active, count, page);
    if (next === null) return;
    event.preventDefault();
    wanted.current = true;
    setActive(next);
    show(body.current, next, rowHeight);
  };
  const slots = Math.max(1, drawn.to - drawn.from);
  const kept = useKept();
  const roving = active >= from && active < from + shown.length ? active : from;
  return (
    <table
      class={isDays ? "networks days" : "networks"}
      aria-rowcount={count + 1}
    >
      <caption class="hidden">{caption}</caption>
      <Columns isDays={isDays} ports={ports} />
      <Head isDays={isDays} port={port} ports={ports} />
      <tbody ref={body} onKeyDown={onKeyDown}>
        <Spacer height={from * rowHeight} />
        {shown.map((row, i) => {
          const index = from + i;
          const isActive = index === roving;
          return kept(index % slots, [row, index, isActive, port, ports, isDays, now], () => (
            <Row
              key={index % slots}
              {...{ row, index, isActive, port, ports, isDays, now }}
              onFocus={setActive}
            />
          ));
        })}
        <Spacer height={(count - from - shown.length) * rowHeight} />
      </tbody>
    </table>
  );
}

// What was made of a slot, while it is made of the same: three rows that come into
// view are drawn, and not the thirty that stay.
function useKept() {
  const slots = useRef(new Map()).current;
  return (slot, of, make) => {
    const old = slots.get(slot);
    if (old?.of.every((value, i) => value === of[i])) return old.made;
    const made = make();
    slots.set(slot, { of, made });
    return made;
  };
}

// The browser takes what is drawn when the listener is back.
function atOnce(change) {
  const later = options.debounceRendering;
  options.debounceRendering = (draw) => draw();
  change();
  options.debounceRendering = later;
}

// The row that Back returns to.
function lastRow(rows) {
  const at = place.peek().back?.at;
  return Math.max(0, at ? rows.findIndex((row) => linkOf(row) === at) : 0);
}

function show(body, row, rowHeight) {
  const top = body.getBoundingClientRect().top + row * rowHeight;
  const head = 60;
  if (top < head) scrollBy(0, top - head);
  else if (top + rowHeight > innerHeight)
    scrollBy(0, top + rowHeight - innerHeight + 8);
}

// One cell and no span: a span over columns that are not shown makes new ones.
function Spacer({ height }) {
  if (height <= 0) return null;
  return (
    <tr aria-hidden="true" class="spacer">
      <td height={height} />
    </tr>
  );
}

function Columns({ isDays, ports }) {
  const names = isDays
    ? ["c-name", "c-port", "c-strip", "c-seen"]
    : ["c-name", ...ports.map(() => "c-port"), "c-share", "c-evidence", "c-mini", "c-since", "c-seen"];
  return (
    <colgroup>
      {names.map((name, i) => (
        <col key={i} class={name} />
      ))}
    </colgroup>
  );
}

function Head({ isDays, port, ports }) {
  return (
    <thead>
      <tr aria-rowindex="1">
        <th scope="col">Network</th>
        {isDays ? (
          <>
            <th scope="col">
              <span class="wide-only">Port </span>
              {port}
            </th>
            <th scope="col">60 days</th>
          </>
        ) : (
          <>
            {ports.map((one) => (
              <th scope="col" key={one}>
                <span class="wide-only">Port </span>
                {one}
              </th>
            ))}
            <th scope="col" class="c-share">
              Blocked share on {port}
            </th>
            <th scope="col" class="c-evidence">
              Evidence
            </th>
            <th scope="col" class="c-mini">
              60 days
            </th>
            <th scope="col" class="c-since">
              Since
            </th>
          </>
        )}
        <th scope="col" class="c-seen">
          Seen
        </th>
      </tr>
    </thead>
  );
}

function Row({ row, index, port, ports, isDays, now, isActive, onFocus }) {
  const own = row.ports[port];
  return (
    <tr data-row={index} aria-rowindex={index + 2}>
      <th scope="row">
        <a
          href={linkOf(row)}
          tabindex={isActive ? 0 : -1}
          onFocus={() => onFocus(index)}
        >
          <bdi>{row.name || `AS${row.asn}`}</bdi>
        </a>
        <small class="mono">
          AS{row.asn}
          {row.country && ` · ${row.country}`} · IPv{row.family}
        </small>
      </th>
      {isDays ? (
        <>
          <td>
            <PortCell seen={own} />
          </td>
          <td class="strip">
            <History name={`${row.key}.${port}`} width="100%" />
          </td>
        </>
      ) : (
        <>
          {ports.map((one) => (
            <td key={one}>
              <PortCell seen={row.ports[one]} />
            </td>
          ))}
          <td class="c-share">
            {own && hasShare(own) ? (
              <ShareBar {...own.blocked_share} state={own.state} />
            ) : (
              <span class="soft">not known</span>
            )}
          </td>
          <td class="c-evidence">
            <Level level={own?.level} />
            <small>
              {countText(row.vantage_points, "point")} in{" "}
              {countText(row.prefixes, "prefix", "prefixes")}
            </small>
          </td>
          <td class="c-mini">
            <History name={`${row.key}.${port}`} width={130} />
          </td>
          <td class="c-since soft">{own ? sinceText(own) : ""}</td>
        </>
      )}
      <td class="c-seen">{ageText(row.last, now)}</td>
    </tr>
  );
}

// On a narrow page the word is there for readers aloud alone.
function PortCell({ seen }) {
  return <StateBadge state={seen?.state} mechanism={seen?.mechanism} brief />;
}

function History({ name, width }) {
  const days = historyOf(name).value;
  return days ? <Mini days={days} width={width} /> : null;
}
