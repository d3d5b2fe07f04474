// SPDX-License-Identifier: Apache-2.0
// After a change of view: its title, the focus, the scroll position. A view
// that still waits for its data is given time to be drawn.

const PATIENCE_MS = 5000;
let turn = 0;

export function arrive({ back, hash }) {
  const mine = ++turn;
  const began = performance.now();
  let isThere = mine === 1; // a page that was just opened has no focus yet
  const step = () => {
    if (mine !== turn) return;
    const heading = document.querySelector("main h1");
    const waits = document.querySelector("main [aria-busy=true]");
    const isLate = performance.now() - began > PATIENCE_MS;
    if (heading) {
      // It may still say what it waits for.
      document.title = `${heading.textContent.trim()} · egress25`;
      if (!isThere) begin(heading, back);
      isThere = true;
    }
    if (heading && (!waits || isLate)) settle(heading, { back, hash });
    else if (!isLate) requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
}

// Once: from here on the keys are the reader's.
function begin(heading, back) {
  if (!back) window.scrollTo(0, 0);
  heading.focus({ preventScroll: true });
}

function settle(heading, { back, hash }) {
  const { activeElement: at, body } = document;
  if (at !== body && at.tagName !== "H1") return; // the reader went on
  if (back) {
    restore(heading, back);
    return;
  }
  const target = hash && document.getElementById(hash);
  if (!target) return;
  target.scrollIntoView();
  const inIt = target.querySelector("h2") ?? target;
  inIt.tabIndex = -1;
  inIt.focus({ preventScroll: true });
}

function restore(heading, { y, at }) {
  window.scrollTo(0, y ?? 0);
  requestAnimationFrame(() => {
    const link = at && document.querySelector(`main a[href="${CSS.escape(at)}"]`);
    (link ?? heading).focus({ preventScroll: true });
  });
}
