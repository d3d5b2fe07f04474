// SPDX-License-Identifier: Apache-2.0
// What has the focus is seen. Focus is not lost with what had it, such as a "Try
// again" that was answered: the heading of the part that it was in has it then.

const HEADINGS = "h1, h2, h3";

// `main`: what the views are drawn in.
export function keepFocus(main) {
  let last = null; // { at, around }: what has the focus, and what is around it
  let isTab = false;
  document.addEventListener("keydown", ({ key }) => {
    isTab = key === "Tab";
  });
  document.addEventListener("focusin", ({ target }) => {
    // All of it: a browser is content where its edge is in the window.
    if (isTab) target.scrollIntoView({ block: "nearest", inline: "nearest" });
    const around = [];
    for (let it = target; main.contains(it); it = it.parentElement)
      around.push(it);
    last = around.length ? { at: target, around } : null;
  });
  document.addEventListener("focusout", ({ target }) =>
    // It may be on its way out of the document; else the reader left it.
    queueMicrotask(() => {
      const isLeft = target.isConnected && document.activeElement === document.body;
      if (isLeft && last?.at === target) last = null;
    }),
  );
  new MutationObserver(() => {
    if (!last || last.at.isConnected) return;
    const { around } = last;
    last = null;
    if (document.activeElement === document.body) headingOf(around, main).focus();
  }).observe(main, { childList: true, subtree: true });
}

// The heading of the nearest part that is still there, or the one above it.
function headingOf(around, main) {
  const part = around.find((it) => it.isConnected) ?? main;
  const all = [...main.querySelectorAll(HEADINGS)];
  const isAbove = (it) =>
    it.compareDocumentPosition(part) & Node.DOCUMENT_POSITION_FOLLOWING;
  const heading = all.find((it) => part.contains(it)) ?? all.findLast(isAbove);
  if (heading) heading.tabIndex = -1;
  return heading ?? main;
}
