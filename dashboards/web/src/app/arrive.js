// SPDX-License-Identifier: Apache-2.0
// After a change of view: its title, the focus, the scroll position. A view
// that still waits for its data is given time to be drawn.

const PATIENCE_MS = 5000;
let turn = 0;

export function arrive({ back, hash }) {
  const mine = ++turn;
  const began = performance.now();
  const isFirst = mine === 1;
  const step = () => {
    if (mine !== turn) return;
    const heading = document.querySelector("main h1");
    const waits = document.querySelector("main [aria-busy=true]");
    const isLate = performance.now() - began > PATIENCE_MS;
    if (heading && settle(heading, { back, hash, isFirst, waits, isLate })) return;
    if (!isLate) requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
}

function settle(heading, { back, hash, isFirst, waits, isLate }) {
  document.title = `${heading.textContent.trim()} · egress25`;
  if (waits && !isLate && (back || hash)) return false;
  if (back) return restore(heading, back);
  const target = hash && document.getElementById(hash);
  if (target) {
    target.scrollIntoView();
    return true;
  }
  if (!isFirst) {
    window.scrollTo(0, 0);
    heading.focus({ preventScroll: true });
  }
  // The heading may still say what it waits for.
  return !waits || isLate;
}

function restore(heading, { y, at }) {
  window.scrollTo(0, y ?? 0);
  requestAnimationFrame(() => {
    const link = at && document.querySelector(`main a[href="${CSS.escape(at)}"]`);
    (link ?? heading).focus({ preventScroll: true });
  });
  return true;
}
