// SPDX-License-Identifier: Apache-2.0
// What stands around every view: skip link, header, search, footer.
import { useEffect, useRef } from "preact/hooks";
import { Sprite } from "../marks/sprite.jsx";
import { useAnswer } from "../shared/api.js";
import { arrive } from "./arrive.js";
import { go, place } from "./place.js";
import { routeOf, searchTarget } from "./routes.js";
import { VIEWS } from "./views.js";

const NAV = [
  ["Overview", "/"],
  ["My network", "/my-network"],
  ["Networks", "/networks"],
  ["Countries", "/countries"],
  ["Changes", "/changes"],
  ["Data", "/data"],
  ["Methods", "/about"],
];

// Views with the wide table.
const BROAD = new Set(["networks", "country"]);

export function App() {
  const { path, query } = place.value;
  const { view, nav, params } = routeOf(path);
  const View = VIEWS[view];
  const about = useAnswer("/v1/about");
  useEffect(() => {
    if (!place.value.isSame) return arrive(place.value);
    return undefined;
  }, [place.value]);
  return (
    <>
      <Sprite />
      <a class="skip" href="#main">
        Skip to content
      </a>
      {about.data?.simulated && (
        <aside class="simulated" aria-label="About these data">
          <p>
            <b>Simulated data.</b> A made-up fleet; no real network is described
            here.
          </p>
        </aside>
      )}
      <header>
        <a class="mark" href="/">
          <svg width="22" height="16" viewBox="0 0 22 16" aria-hidden="true">
            <path d="M0 8h8" class="mark-in" />
            <path d="M14 8h7" class="mark-out" />
            <path d="M11 1v14" class="mark-wall" />
          </svg>
          egress25
        </a>
        <Views nav={nav} />
        <Search />
      </header>
      <main id="main" tabindex="-1" class={BROAD.has(view) ? "broad" : null}>
        <View
          key={path}
          params={params}
          query={query}
          path={path}
          about={about.data}
        />
      </main>
      <footer>
        <p>
          No mail is ever sent: every dialogue ends with QUIT before MAIL. All
          times are UTC. <a href="/data">Take the data</a>: CSV, JSON Lines,
          Parquet. <a href="/about#object">How to object</a>. Networks and
          countries by the address data of ip-location-db (CC BY 4.0, PDDL),
          unless this collector uses its own.
        </p>
      </footer>
    </>
  );
}

// In a narrow window the row of links scrolls: the one of this view is seen.
function Views({ nav }) {
  const box = useRef();
  useEffect(() => {
    const link = box.current.querySelector("[aria-current]");
    if (link) reveal(link);
  }, [nav]);
  return (
    <nav ref={box} aria-label="Views">
      {NAV.map(([text, href]) => (
        <a key={href} href={href} aria-current={text === nav ? "page" : null}>
          {text}
        </a>
      ))}
    </nav>
  );
}

function reveal(link) {
  const nav = link.parentElement;
  const from = link.offsetLeft - nav.offsetLeft;
  const to = from + link.offsetWidth;
  if (from < nav.scrollLeft || to > nav.scrollLeft + nav.clientWidth)
    nav.scrollLeft = (from + to - nav.clientWidth) / 2;
}

function Search() {
  const box = useRef();
  useEffect(() => {
    const onKey = (event) => {
      if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey)
        return;
      if (/^(input|textarea|select)$/i.test(event.target.tagName)) return;
      event.preventDefault();
      box.current.focus();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
  const search = (event) => {
    event.preventDefault();
    go(searchTarget(box.current.value));
    box.current.value = "";
  };
  return (
    <form role="search" onSubmit={search}>
      <input
        ref={box}
        type="search"
        aria-label="AS number, name or country"
        placeholder="AS, name, country"
        aria-keyshortcuts="/"
      />
      <kbd aria-hidden="true">/</kbd>
    </form>
  );
}
