// SPDX-License-Identifier: Apache-2.0
import { render } from "preact";
import { App } from "./app/frame.jsx";
import { watchPlace } from "./app/place.js";

watchPlace();
render(<App />, document.getElementById("app"));
