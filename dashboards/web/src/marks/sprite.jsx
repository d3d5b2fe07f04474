// SPDX-License-Identifier: Apache-2.0
// Glyphs and patterns, drawn once at the top of the page. Not display: none,
// which would take the patterns away.

const hatch = (id, colour) => (
  <pattern
    id={id}
    width="5"
    height="5"
    patternUnits="userSpaceOnUse"
    patternTransform="rotate(45)"
  >
    <rect width="5" height="5" class="f-paper" />
    <rect width="2.5" height="5" class={colour} />
  </pattern>
);

const symbol = (id, content) => (
  <symbol id={`g-${id}`} viewBox="0 0 16 16">
    {content}
  </symbol>
);

export function Sprite() {
  return (
    <svg class="sprite" width="0" height="0" aria-hidden="true">
      <defs>
        {hatch("h-open", "f-open")}
        {hatch("h-filtered", "f-filtered")}
        {hatch("h-intercepted", "f-intercepted")}
        {[0, 1, 2, 3, 4].map((step) => hatch(`h-b${step}`, `f-b${step}`))}
        <pattern
          id="p-dots"
          width="4"
          height="4"
          patternUnits="userSpaceOnUse"
        >
          <rect width="4" height="4" class="f-paper" />
          <rect x="1" y="1" width="1.4" height="1.4" class="f-none" />
        </pattern>
        <pattern
          id="p-weave"
          width="5"
          height="5"
          patternUnits="userSpaceOnUse"
          patternTransform="rotate(45)"
        >
          <rect width="5" height="5" class="f-paper" />
          <path d="M0 1h5M1 0v5" class="s-none" />
        </pattern>
      </defs>
      {symbol("open", [
        <circle cx="8" cy="8" r="7" class="f-open" />,
        <path d="M4.4 8H11M8.4 5 11.4 8 8.4 11" class="cut-line" />,
      ])}
      {symbol("filtered", [
        <rect
          x="1.2"
          y="1.2"
          width="13.6"
          height="13.6"
          rx="2.4"
          class="f-filtered"
        />,
        <rect x="4" y="6.8" width="8" height="2.4" class="f-paper" />,
      ])}
      {symbol("partial", [
        <path d="M1 7.3a7 7 0 0 1 14 0z" class="f-open" />,
        <path d="M1 8.7h14v4a2.3 2.3 0 0 1-2.3 2.3H3.3A2.3 2.3 0 0 1 1 12.7z" class="f-filtered" />,
      ])}
      {symbol("intercepted", [
        <path d="M8 .4 15.6 8 8 15.6.4 8z" class="f-intercepted" />,
        <circle cx="8" cy="8" r="2.3" class="f-paper" />,
      ])}
      {symbol("inconsistent", [
        <circle cx="8" cy="8" r="6.6" class="ring" />,
        <path d="M4.8 6.4h6.4M4.8 9.6h6.4M10 4.2 6 11.8" class="ring thinner" />,
      ])}
      {symbol("insufficient", <circle cx="8" cy="8" r="6.4" class="ring dashed" />)}
      {symbol("none", <path d="M4 8h8" class="ring" />)}
    </svg>
  );
}
