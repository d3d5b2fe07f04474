// SPDX-License-Identifier: Apache-2.0
// Where the reader is: the address, the way back, the scroll position.
import { signal } from "@preact/signals";
import { isPage } from "./routes.js";

export const place = signal(read());

function read() {
  return {
    path: location.pathname,
    search: location.search,
    query: Object.fromEntries(new URLSearchParams(location.search)),
    hash: location.hash.slice(1),
    // What Back restores: { y, at }, the scroll position and the link that
    // had the focus.
    back: null,
  };
}

// What Back will need, kept with the entry that is left.
function leave() {
  const at = document.activeElement?.getAttribute?.("href") ?? null;
  history.replaceState({ y: window.scrollY, at }, "");
}

export function go(target) {
  leave();
  history.pushState(null, "", target);
  place.value = read();
}

// Change the address of this view: Back leaves the page, not the keystroke.
export function setQuery(text) {
  history.replaceState(history.state, "", `${location.pathname}${text}`);
  place.value = { ...read(), isSame: true };
}

function onClick(event) {
  if (event.button !== 0 || event.defaultPrevented) return;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = event.target.closest?.("a[href]");
  if (!link || link.target || link.hasAttribute("download")) return;
  const url = new URL(link.href);
  if (url.origin !== location.origin || !isPage(url.pathname)) return;
  if (url.hash && url.pathname === location.pathname) return;
  event.preventDefault();
  go(url.pathname + url.search + url.hash);
}

export function watchPlace() {
  history.scrollRestoration = "manual";
  document.addEventListener("click", onClick);
  window.addEventListener("popstate", (event) => {
    const now = read();
    const { path, search } = place.peek();
    // A link to a part of this view: the browser goes there by itself.
    const isSame = now.path === path && now.search === search;
    place.value = isSame
      ? { ...now, isSame }
      : { ...now, back: event.state ?? { y: 0, at: null } };
  });
  // A reload keeps its position too.
  window.addEventListener("pagehide", leave);
  if (history.state) place.value = { ...place.value, back: history.state };
}
