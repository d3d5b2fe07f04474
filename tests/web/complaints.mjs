// SPDX-License-Identifier: Apache-2.0
// Whatever a browser objects to, and what went anywhere but to the collector.

// `refused`: the addresses, from the root on, that the collector is expected to
// refuse; each such line of the console has to be of one of them.
export function complaintsOf(page, url, refused = []) {
  const complaints = [];
  page.on("console", (message) => {
    if (!["error", "warning"].includes(message.type())) return;
    const at = message.location().url;
    const isExpected =
      /^Failed to load resource: .*40[04]/.test(message.text()) &&
      refused.some((path) => at === `${url}${path}`);
    if (!isExpected) complaints.push(`${message.text()} (${at})`);
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("request", (request) => {
    if (!request.url().startsWith(`${url}/`))
      complaints.push(`a request to ${request.url()}`);
  });
  return complaints;
}
