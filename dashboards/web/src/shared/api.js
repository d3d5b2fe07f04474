// SPDX-License-Identifier: Apache-2.0
// The collector's public API, as these pages use it.

// The answer to one GET as JSON. Throws an Error whose message a person can
// read.
export async function getJson(path) {
  let response;
  try {
    response = await fetch(path, { headers: { accept: "application/json" } });
  } catch {
    throw new Error("The collector does not answer.");
  }
  if (!response.ok) throw new Error(await reason(response));
  return response.json();
}

async function reason(response) {
  try {
    const { error } = await response.json();
    const what = error.field ? `${error.field}: ${error.message}` : error.message;
    return `The collector says: ${what}`;
  } catch {
    return `The collector answered ${response.status}.`;
  }
}

// Every item of a list, following `next`, at most `most` of them.
export async function getList(path, most = 20000) {
  const items = [];
  let next = null;
  do {
    const cursor = next ? `&cursor=${encodeURIComponent(next)}` : "";
    const page = await getJson(`${path}?limit=1000${cursor}`);
    items.push(...page.items);
    next = page.next;
  } while (next && items.length < most);
  return items;
}
