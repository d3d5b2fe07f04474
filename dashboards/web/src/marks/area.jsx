// SPDX-License-Identifier: Apache-2.0
// The one way in which a state fills space: solid for strong evidence, hatched
// for fair, hollow for thin. x and w are numbers or percentages of the width.

const SOLID = { strong: true, fair: false, thin: false };

function fillOf(state, level) {
  if (level === "fair") return { fill: `url(#h-${state})` };
  return { class: level === "thin" ? `hollow-area s-${state}` : `f-${state}` };
}

function Block({ x, y, w, h, state, level }) {
  const inset = level === "thin" ? 0.75 : 0;
  return (
    <rect
      x={x}
      y={y + inset}
      width={w}
      height={Math.max(0.5, h - 2 * inset)}
      {...fillOf(state, level)}
    />
  );
}

// What is filtered carries the bar of its glyph, so that grey keeps it apart.
function Bar({ x, y, w, h, level }) {
  const high = Math.max(1.5, h * 0.11);
  return (
    <rect
      x={x}
      y={y + (h - high) / 2}
      width={w}
      height={high}
      class={level === "thin" ? "f-filtered" : "f-paper"}
    />
  );
}

function Partial({ x, y, w, h, level }) {
  const shown = level === "strong" ? "strong" : "fair";
  const upper = h * (SOLID[shown] ? 0.46 : 0.4);
  const gap = Math.max(1.2, h * 0.08);
  const stripe = (h - upper - 2 * gap) / 2;
  return (
    <>
      <rect x={x} y={y} width={w} height={h} class="f-paper" />
      <Block x={x} y={y} w={w} h={upper} state="open" level={shown} />
      {[0, 1].map((i) => (
        <Block
          key={i}
          x={x}
          y={y + upper + gap + i * (stripe + gap)}
          w={w}
          h={stripe}
          state="filtered"
          level={shown}
        />
      ))}
    </>
  );
}

const GREY = { insufficient: "url(#p-dots)", inconsistent: "url(#p-weave)" };

export function Area({ x, y, w, h, state, level = "strong" }) {
  if (GREY[state])
    return <rect x={x} y={y} width={w} height={h} fill={GREY[state]} />;
  if (!state || state === "none")
    return (
      <rect x={x} y={y + h / 2 - 0.5} width={w} height="1" class="f-nothing" />
    );
  if (state === "partial") return <Partial {...{ x, y, w, h, level }} />;
  return (
    <>
      <Block {...{ x, y, w, h, state, level }} />
      {state === "filtered" && <Bar {...{ x, y, w, h, level }} />}
    </>
  );
}
