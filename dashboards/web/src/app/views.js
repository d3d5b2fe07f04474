// SPDX-License-Identifier: Apache-2.0
import { About } from "../about/view.jsx";
import { Changes } from "../changes/view.jsx";
import { Countries } from "../countries/view.jsx";
import { Country } from "../country/view.jsx";
import { Data } from "../data/view.jsx";
import { Measurement } from "../measurement/view.jsx";
import { MyNetwork } from "../my-network/view.jsx";
import { Network } from "../network/view.jsx";
import { Networks } from "../networks/view.jsx";
import { Overview } from "../overview/view.jsx";
import { Nowhere } from "./nowhere.jsx";

export const VIEWS = {
  overview: Overview,
  myNetwork: MyNetwork,
  networks: Networks,
  network: Network,
  countries: Countries,
  country: Country,
  changes: Changes,
  measurement: Measurement,
  data: Data,
  about: About,
  nowhere: Nowhere,
};
