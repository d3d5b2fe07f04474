// SPDX-License-Identifier: Apache-2.0
// Every view by its name and an address that shows it.
import { reportOf } from "./fixture.mjs";

export const VIEWS = [
  ["overview", "/"],
  ["my-network", "/my-network?as=64500"],
  ["networks", "/networks"],
  ["days", "/networks?view=days"],
  ["network", "/as/64500"],
  ["countries", "/countries"],
  ["country", "/country/DE"],
  ["changes", "/changes"],
  ["measurement", `/m/${reportOf("a000000000000001")}`],
  ["data", "/data?asn=64500"],
  ["about", "/about?as=64500"],
  ["nowhere", "/nothing"],
];
