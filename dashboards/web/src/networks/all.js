// SPDX-License-Identifier: Apache-2.0
import { useAnswer } from "../shared/api.js";

// All networks, in columns: asked for once, filtered and sorted here.
export const useAllNetworks = () =>
  useAnswer("/v1/networks?group=family&format=columns");
