// SPDX-License-Identifier: Apache-2.0
import { useRef } from "preact/hooks";
import { capital } from "../shared/words.js";
import { useWidth } from "../marks/width.js";

const NARROW = 620;
const TITLE = "How far each port gets";
const ZONES = {
  host: "Host",
  home: "Home",
  provider: "Provider",
  transit: "Transit",
  endpoint: "Endpoint",
  routers: "Routers",
};

const zoneText = (zone) => ZONES[zone] ?? capital(zone);

// Two ways to lay it out, so that what is drawn is said once: `point` places a
// hop of a lane, `box` a stretch of hops.
function wide(picture, width) {
  const left = 132;
  const right = 150;
  const top = 64;
  const row = 48;
  const cell = (width - left - right) / (picture.end + 1);
  const height = top + picture.lanes.length * row + 26;
  return {
    isWide: true,
    width,
    height,
    cell,
    point: (hop, lane) => [left + (hop + 0.5) * cell, top + lane * row + 8],
    box: ({ from, to }) => ({
      x: left + from * cell + 1,
      y: 4,
      width: (to - from + 1) * cell - 2,
      height: height - 26,
    }),
  };
}

function tall(picture, width) {
  const left = 84;
  const top = 44;
  const cell = picture.end > 16 ? 22 : 30;
  const column = (width - left) / picture.lanes.length;
  const height = top + (picture.end + 1) * cell + 4;
  return {
    isWide: false,
    width,
    height,
    cell,
    point: (hop, lane) => [left + (lane + 0.5) * column, top + (hop + 0.5) * cell],
    box: ({ from, to }) => ({
      x: 0,
      y: top + from * cell + 1,
      width,
      height: (to - from + 1) * cell - 2,
    }),
  };
}

export function PathDiagram({ picture, id = "path" }) {
  const box = useRef();
  const width = useWidth(box);
  if (picture.lanes.length === 0)
    return <p ref={box}>Nothing was tried in this report.</p>;
  const plan = (width < NARROW ? tall : wide)(picture, width);
  return (
    <figure class="path" ref={box}>
      <svg
        width={plan.width}
        height={plan.height}
        role="img"
        aria-labelledby={`${id}-title ${id}-text`}
      >
        <title id={`${id}-title`}>{TITLE}</title>
        <desc id={`${id}-text`}>
          {picture.lanes.map(({ description }) => description).join(" ")}
        </desc>
        {picture.zones.map((zone, i) => (
          <Zone key={zone.from} zone={zone} i={i} plan={plan} />
        ))}
        {picture.lanes.map((lane, i) => (
          <Lane key={lane.port} lane={lane} i={i} plan={plan} end={picture.end} />
        ))}
        {plan.isWide && picture.hasTrace && <Hops plan={plan} picture={picture} />}
      </svg>
      {!plan.isWide && (
        <figcaption>read downwards: each dot is a router, hollow if silent</figcaption>
      )}
    </figure>
  );
}

function Zone({ zone, i, plan }) {
  const box = plan.box(zone);
  const name = zoneText(zone.zone);
  const isTight = plan.isWide && box.width < name.length * 7.4;
  const x = plan.isWide ? box.x + box.width / 2 : 8;
  const y = plan.isWide ? 20 : box.y + box.height / 2 + 4;
  const shown = zone.zone === "provider" ? zone.asns.slice(0, 1) : [];
  const fits = plan.isWide || (box.height > 40 && `AS${shown[0]}`.length < 10);
  const below = shown.length > 0 && fits;
  return (
    <g>
      <rect {...box} rx="4" class={i % 2 ? "f-band2" : "f-band"} />
      <text
        x={x}
        y={isTight && i % 2 ? y + 15 : below && !plan.isWide ? y - 8 : y}
        class={plan.isWide ? "zone middle" : "zone"}
      >
        {name}
        {below && (
          <tspan x={x} dy="15" class="small">
            AS{shown[0]}
          </tspan>
        )}
      </text>
    </g>
  );
}

function Hops({ plan, picture }) {
  const every = plan.cell < 24 ? 5 : 1;
  const hops = [];
  for (let hop = 0; hop <= picture.end; hop++)
    if (hop % every === 0 || hop === picture.end) hops.push(hop);
  return hops.map((hop) => (
    <text
      key={hop}
      x={plan.point(hop, 0)[0]}
      y={plan.height - 6}
      class="axis middle"
    >
      {hop === 0 ? "hop 0" : hop}
    </text>
  ));
}

const path = (...points) => `M${points.map((point) => point.join(" ")).join("L")}`;

// The hop where the drawn line ends: before the wall where nothing passes it.
function Lane({ lane, i, plan, end }) {
  const at = (hop) => plan.point(hop, i);
  const isUnplaced = lane.wall && lane.wall.at === null;
  return (
    <g class={`lane l-${lane.state}`} data-port={lane.port} data-state={lane.state}>
      <LaneName lane={lane} i={i} plan={plan} end={end} />
      {lane.reach < end && (
        <path d={path(at(isUnplaced ? 0 : lane.reach), at(end))} class="ghost" />
      )}
      {lane.reach > 0 && <path d={path(at(0), at(lane.reach))} class="line" />}
      {lane.dots.map(({ ttl, answered }) => (
        <circle
          key={ttl}
          cx={at(ttl)[0]}
          cy={at(ttl)[1]}
          r={answered ? 4.2 : 3.5}
          class={answered ? "dot" : "dot hollow"}
        />
      ))}
      <circle cx={at(0)[0]} cy={at(0)[1]} r="5.5" class="dot" />
      <circle
        cx={at(end)[0]}
        cy={at(end)[1]}
        r="7"
        class={lane.hollow ? "dot hollow" : "dot"}
      />
      {lane.wall?.turns && <Turn lane={lane} at={at} plan={plan} end={end} />}
      {lane.wall && <Wall lane={lane} at={at} plan={plan} end={end} />}
    </g>
  );
}

function LaneName({ lane, i, plan, end }) {
  if (plan.isWide) {
    const [x, y] = plan.point(end, i);
    return (
      <>
        <text x="0" y={y + 5}>
          <tspan class="port">{lane.port}</tspan>
          <tspan dx="6" class="small">
            {lane.role}
          </tspan>
        </text>
        <text x={x + plan.cell / 2 + 10} y={y + 4} class="small">
          {lane.result}
        </text>
      </>
    );
  }
  const [x] = plan.point(0, i);
  return (
    <text x={x} y="16" class="port middle">
      {lane.port}
      {lane.role === "control" && (
        <tspan x={x} dy="15" class="small">
          control
        </tspan>
      )}
    </text>
  );
}

// The reply that never comes back: a dashed arrow from the endpoint.
function Turn({ at, plan, end, lane }) {
  const aside = ([x, y], by) => (plan.isWide ? [x, y + by] : [x + by, y]);
  const to = aside(at(Math.max(lane.wall.at, end - 1)), 11);
  const from = aside(at(end - 0.15), 11);
  return <path d={path(from, to)} class="turn" />;
}

function Wall({ lane, at, plan, end }) {
  const { wall } = lane;
  const [x, y] = at(wall.at ?? end / 2);
  const across = plan.isWide ? `M${x} ${y - 20}V${y + 20}` : `M${x - 20} ${y}H${x + 20}`;
  return (
    <g class="wall">
      <path d={across} class={`wall-line s-${wall.glyph}`} />
      {wall.returns && (
        <path
          d={
            plan.isWide
              ? `M${x - 12} ${y + 11}h-14m4-4-4 4 4 4`
              : `M${x + 11} ${y - 12}v-14m-4 4 4-4 4 4`
          }
          class="return"
        />
      )}
      <rect x={x - 12} y={y - 12} width="24" height="24" class="f-paper wall-hole" rx="4" />
      <use href={`#g-${wall.glyph}`} x={x - 11} y={y - 11} width="22" height="22" />
      {plan.isWide && <WallWords lane={lane} x={x} y={y} plan={plan} end={end} />}
    </g>
  );
}

function WallWords({ lane, x, y, plan, end }) {
  const right = plan.point(end, 0)[0];
  const isLate = x + 20 + lane.words.length * 6.4 > right;
  return (
    <text
      x={isLate ? Math.min(x - 6, right) : x + 18}
      y={y - 14}
      class={isLate ? "said end" : "said"}
    >
      {lane.words}
    </text>
  );
}

// The lanes in words, open where the picture has no room for them.
export function PathWords({ picture, open }) {
  return (
    <details open={open}>
      <summary>In words</summary>
      <ul class="plain">
        {picture.lanes.map((lane) => (
          <li key={lane.port}>{lane.description}</li>
        ))}
        {!picture.hasTrace && <li>This host could not trace the path.</li>}
      </ul>
    </details>
  );
}
