// SPDX-License-Identifier: Apache-2.0
import { createRequire } from "node:module";

const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

// What axe-core finds in the page, but for what is minor, each in a line. The
// page's context has to bypass the policy.
export async function findings(page) {
  await page.addScriptTag({ path: axe });
  return page.evaluate(async () => {
    const { violations } = await globalThis.axe.run(document);
    return violations
      .filter(({ impact }) => impact !== "minor")
      .map(({ id, impact, nodes }) =>
        `${impact} ${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(" | ")}`);
  });
}
