// SPDX-License-Identifier: Apache-2.0
import { render } from "preact";
import { NetworksView } from "./networks/view.jsx";

render(<NetworksView />, document.getElementById("app"));
