// SPDX-License-Identifier: Apache-2.0
import { get, getList, useAnswer } from "../shared/api.js";
import { columnsOfItems } from "./rows.js";

const PATH = "/v1/networks?group=family&format=columns";

// All networks in columns. A collector that has no columns gives its list.
async function ask(path) {
  try {
    return await get(path);
  } catch (problem) {
    if (problem.status !== 400) throw problem;
  }
  const { data, now } = await getList("/v1/networks");
  return { data: { columns: columnsOfItems(data.items) }, now };
}

export const useAllNetworks = () => useAnswer(PATH, ask);
