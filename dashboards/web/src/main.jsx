// SPDX-License-Identifier: Apache-2.0
import { render } from "preact";
import { keepFocus } from "./app/focus.js";
import { App } from "./app/frame.jsx";
import { place, watchPlace } from "./app/place.js";
import { choiceOf, summaryLink } from "./overview/figures.js";
import { askAhead } from "./shared/api.js";

const PATIENCE_MS = 100;

watchPlace();
// The first sentence of the overview waits for this alone. The browser asked
// for it with the script (collector/pages/pages.h), so it is there or nearly
// so: then the first drawing has the sentence, and no other one comes before.
if (place.value.path === "/")
  await Promise.race([
    askAhead(summaryLink(choiceOf(place.value.query))),
    new Promise((done) => setTimeout(done, PATIENCE_MS)),
  ]);
render(<App />, document.getElementById("app"));
keepFocus(document.getElementById("main"));
